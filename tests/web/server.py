#!/usr/bin/env python3
"""server.py - what the server of `moat ui` lets in, keeps out and lives through. TAP. usage: server.py MOAT [--slow]

Answers equal the command line's; other origins, hosts, paths, methods and sizes are refused; files stay out of reach; fuzzed
requests, slow clients and 200 connections leave it up; a newer question ends the older; nothing is left behind. --slow: a
sanitized build, whose times are not measured.
"""
import concurrent.futures
import glob
import http.client
import json
import os
import pathlib
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

MOAT, SLOW = os.path.abspath(sys.argv[1]), '--slow' in sys.argv
ROOT = pathlib.Path(__file__).resolve().parents[2]
PLAN = (ROOT / 'examples' / 'chat-70b.yaml').read_bytes()
SIM = b'{model: llama-3.1-8b, accelerator: l40s, traffic: {preset: azure-2023-conv, rate: 2/s, limit: 200}, slo: {ttft: {p99: 2s}}}'
STREAM = {'Accept': 'text/event-stream'}


class Server:
    def __init__(self, folder):
        self.process = subprocess.Popen([MOAT, 'ui', '--port', '0', '--quiet'], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                        env={**os.environ, 'TMPDIR': folder})
        line = self.process.stdout.readline()
        m = re.match(r'http://127\.0\.0\.1:(\d+)/\n$', line)
        if not m:
            sys.exit(f'no address: {line!r} {self.process.stderr.read()!r}')
        self.port = int(m.group(1))

    def ask(self, method, path, body=None, headers=None, timeout=60):
        c = http.client.HTTPConnection('127.0.0.1', self.port, timeout=timeout)
        try:
            c.request(method, path, body, headers or {})
            r = c.getresponse()
            return r.status, r.read()
        finally:
            c.close()

    def raw(self, data, timeout=10):
        with socket.create_connection(('127.0.0.1', self.port), timeout=timeout) as s:
            s.sendall(data)
            out = b''
            try:
                while part := s.recv(65536):
                    out += part
            except (TimeoutError, ConnectionError):
                pass
            return out

    def stream(self, path, body, timeout=120):
        """(seconds, event, data) as they come."""
        c = http.client.HTTPConnection('127.0.0.1', self.port, timeout=timeout)
        began = time.monotonic()
        c.request('POST', path, body, STREAM)
        r = c.getresponse()
        event, data = None, []
        for line in r:
            line = line.decode().rstrip('\n')
            if line.startswith('event: '):
                event = line[7:]
            elif line.startswith('data: '):
                data.append(line[6:])
            elif not line and event:
                yield time.monotonic() - began, event, json.loads('\n'.join(data))
                event, data = None, []
        c.close()

    def children(self):
        return subprocess.run(['pgrep', '-P', str(self.process.pid)], capture_output=True, text=True, check=False).stdout.split()


def without_run(d):
    return {k: v for k, v in d.items() if k != 'run'}


def same_as_command_line(s, folder):
    path = os.path.join(folder, 'scenario.yaml')
    pathlib.Path(path).write_bytes(SIM)
    said = subprocess.run([MOAT, 'sim', 'scenario.yaml', '--json', '--quiet'], capture_output=True, check=True, cwd=folder).stdout
    os.unlink(path)
    status, body = s.ask('POST', '/api/run/sim', SIM)
    assert status == 200, (status, body[:200])
    assert without_run(json.loads(body)) == without_run(json.loads(said))


def json_and_envelope(s, _):
    tree = json.loads(s.ask('POST', '/api/tree', SIM)[1])
    assert tree['traffic']['rate'] == '2/s', tree
    a = json.loads(s.ask('POST', '/api/run/sim', json.dumps(tree))[1])
    b = json.loads(s.ask('POST', '/api/run/sim', json.dumps({'scenario': tree}))[1])
    c = json.loads(s.ask('POST', '/api/run/sim', json.dumps({'scenario': SIM.decode()}))[1])
    assert a['ttft_ms'] == b['ttft_ms'] == c['ttft_ms']


def other_commands(s, _):
    point = {'model': 'llama-3.1-8b', 'accelerator': 'l4', 'batch': 8}
    assert json.loads(s.ask('POST', '/api/run/predict', json.dumps(point))[1])['schema'] == 'moat.predict/1'
    train = (ROOT / 'examples' / 'train-405b-16k-h100.yaml').read_bytes()
    assert json.loads(s.ask('POST', '/api/run/train', train)[1])['schema'] == 'moat.train/1'
    sweep = {**json.loads(s.ask('POST', '/api/tree', SIM)[1]), 'sweep': {'replicas': [1, 2]}}
    assert len(json.loads(s.ask('POST', '/api/run/sweep', json.dumps(sweep))[1])['cells']) == 2
    both = {'scenario': SIM.decode(), 'other': SIM.decode().replace('2/s', '3/s')}
    assert json.loads(s.ask('POST', '/api/run/compare', json.dumps(both))[1])['differences'], 'compare'
    why = {'scenario': {'model': 'llama-3.1-8b', 'accelerators': ['l4', 'l40s'], 'traffic': {'preset': 'azure-2023-conv', 'rate': '2/s', 'limit': 200},
                        'slo': {'ttft': {'p99': '2s'}}}, 'accelerator': 'l4'}
    assert json.loads(s.ask('POST', '/api/run/explain', json.dumps(why))[1])['schema'] == 'moat.explain/1'
    points = b'id,model,accelerator,framework,precision,tp,concurrency,isl,osl,tpot_mean_ms\nx,llama-3.1-8b,h100-sxm-80,vllm,bf16,1,8,1000,200,8\n'
    assert json.loads(s.ask('POST', '/api/run/validate', points)[1])['scored'] == 1
    for name in ('accelerators', 'models', 'prices', 'presets', 'work'):
        assert s.ask('GET', f'/api/catalog/{name}')[0] == 200, name


def posted_files(s, _):
    chip = subprocess.run([MOAT, 'catalog', 'show', 'l40s', '--yaml'], capture_output=True, text=True, check=True).stdout
    chip = re.sub(r'(?m)^id: .*', 'id: mine', re.sub(r'(?m)^aliases:.*\n', '', chip))
    q = {'scenario': {'model': 'llama-3.1-8b', 'accelerator': './mine.yaml', 'batch': 8}, 'files': {'mine.yaml': chip}}
    status, body = s.ask('POST', '/api/run/predict', json.dumps(q))
    assert status == 200 and json.loads(body)['deployment']['accelerator'] == 'mine', body[:300]
    for name in ('../x.yaml', '/tmp/x', '.x', '-x', 'a/b', '', 'x' * 200, 'scenario.json'):
        q['files'] = {name: 'x'}
        assert s.ask('POST', '/api/run/predict', json.dumps(q))[0] in (400, 503), name


def errors_are_one_line(s, _):
    status, body = s.ask('POST', '/api/run/sim', b'model: llama-3.1-70b\nslo: {ttft: {p99: fast}}\naccelerator: l4\ntraffic: {preset: azure-2023-conv, limit: 10}\n')
    error = json.loads(body)['error']
    assert status == 400 and 'scenario.yaml:2: slo.ttft.p99' in error and '\n' not in error, (status, body)
    for body in (b'', b'\0\0', b'[1, 2', b'{"a": 1', b'- 1\n- 2\n', b'{"scenario": 7}', b'{"scenario": {}, "files": 3}', b'a: &a [*a]', b'\xff\xfe'):
        status, text = s.ask('POST', '/api/run/plan', body)
        assert status == 400 and json.loads(text)['error'], (body, status, text)
    events = list(s.stream('/api/run/plan', b'model: nope\n'))
    assert events[-1][1] == 'error' and 'nope' in events[-1][2]['error'], events


def an_answer_of_no(s, _):
    body = SIM.replace(b'p99: 2s', b'p99: 1ms')
    q = b'model: llama-3.1-70b\nprecision: bf16\naccelerators: [l4]\ntraffic: {preset: azure-2023-conv, rate: 2/s, limit: 200}\nslo: {tpot: {p99: 1ms}}\n'
    assert s.ask('POST', '/api/run/sim', body)[0] == 200
    status, text = s.ask('POST', '/api/run/plan', q)
    assert status == 200 and json.loads(text)['answered'] is False


def files_stay_out_of_reach(s, _):
    secret = b'root:'
    for q in ({'model': '/etc/passwd', 'accelerator': 'l4'}, {'model': '../../etc/passwd', 'accelerator': 'l4'}, {'model': 'llama-3.1-8b', 'accelerator': '/etc/passwd'},
              {'model': 'llama-3.1-8b', 'accelerator': 'l4', 'traffic': {'trace': '/etc/passwd'}}, {'model': 'llama-3.1-8b', 'accelerator': 'l4', 'traffic': '/dev/zero'},
              {'model': 'llama-3.1-8b', 'accelerator': 'l4', 'traffic': {'preset': 'azure-2023-conv', 'rate_curve': 'a/../../../etc/passwd'}},
              {'model': 'llama-3.1-8b', 'accelerator': 'l4', 'traffic': {'trace': '~/x'}}):
        for body in (json.dumps(q), json.dumps({'scenario': q}), json.dumps({'scenario': json.dumps(q)})):
            status, text = s.ask('POST', '/api/run/sim', body)
            assert status == 400 and secret not in text, (q, status, text)
    q = json.dumps({'scenario': SIM.decode(), 'accelerator': '--catalog=/etc'})
    assert s.ask('POST', '/api/run/explain', q)[0] == 400
    for path in ('/../etc/passwd', '/%2e%2e/etc/passwd', '//etc/passwd', '/api/run/../../etc/passwd', '/api/catalog/%2fetc%2fpasswd', '/api/run/calibrate', '/api/run/ui', '/index.html'):
        status, text = s.ask('GET', path)
        assert status == 404 and secret not in text, (path, status)


def strangers_are_refused(s, _):
    here = f'127.0.0.1:{s.port}'
    for headers in ({'Host': 'evil.example'}, {'Host': f'evil.example:{s.port}'}, {'Host': ''}, {'Host': '127.0.0.1.evil.example'}, {'Origin': 'http://evil.example'}, {'Origin': 'null'},
                    {'Origin': f'https://{here}'}, {'Origin': f'http://{here}.evil.example'}, {'Sec-Fetch-Site': 'cross-site'}, {'Sec-Fetch-Site': 'same-site'}):
        for method, path in (('GET', '/'), ('POST', '/api/run/sim')):
            assert s.ask(method, path, SIM if method == 'POST' else None, headers)[0] in (400, 403), headers
    for headers in ({'Origin': f'http://{here}'}, {'Host': f'localhost:{s.port}'}, {'Host': f'[::1]:{s.port}'}, {'Sec-Fetch-Site': 'same-origin'}, {'Sec-Fetch-Site': 'none'}):
        assert s.ask('GET', '/', None, headers)[0] == 200, headers
    for method in ('PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'CONNECT', 'BREW'):
        assert s.ask(method, '/')[0] in (400, 404, 405), method


def too_big_is_refused(s, _):
    head = f'POST /api/run/sim HTTP/1.1\r\nHost: 127.0.0.1:{s.port}\r\n'
    assert b' 413 ' in s.raw(f'{head}Content-Length: 99999999999\r\n\r\n'.encode())[:40]
    with socket.create_connection(('127.0.0.1', s.port), timeout=60) as c:      # chunked: the size is not said
        c.sendall(f'{head}Transfer-Encoding: chunked\r\n\r\n'.encode())
        block = b'100000\r\n' + b'#' * (1 << 20) + b'\r\n'
        try:
            for _i in range(70):
                c.sendall(block)
            c.sendall(b'0\r\n\r\n')
        except ConnectionError:
            pass
        assert b' 413 ' in c.recv(4096)[:40]
    assert b' 200 ' not in s.raw(f'GET / HTTP/1.1\r\nHost: 127.0.0.1:{s.port}\r\nX: {"a" * 200000}\r\n\r\n'.encode())[:40]
    deep = b'[' * 5000 + b']' * 5000
    assert s.ask('POST', '/api/tree', deep)[0] == 400
    bomb = b'a: &a [x,x,x,x,x,x,x,x,x,x]\n' + b''.join(b'%c: &%c [%s]\n' % (98 + i, 98 + i, b','.join([b'*%c' % (97 + i)] * 10)) for i in range(9))
    assert s.ask('POST', '/api/tree', bomb)[0] == 400


def fuzzed_requests(s, _):
    rng = random.Random(7)
    good = f'POST /api/run/predict HTTP/1.1\r\nHost: 127.0.0.1:{s.port}\r\nContent-Length: 58\r\nConnection: close\r\n\r\n'.encode() + \
        b'{"model": "llama-3.1-8b", "accelerator": "l4", "batch": 8}'
    def one(seed):
        r = random.Random(seed)
        data = bytearray(good)
        for _i in range(r.randint(1, 12)):
            at = r.randrange(len(data))
            how = r.randrange(3)
            if how == 0:
                data[at] = r.randrange(256)
            elif how == 1:
                del data[at:at + r.randint(1, 20)]
            else:
                data[at:at] = bytes(r.randrange(256) for _j in range(r.randint(1, 20)))
            if not data:
                data = bytearray(b'x')
        try:
            s.raw(bytes(data), timeout=0.5)
        except (ConnectionError, TimeoutError):
            pass
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        list(pool.map(one, [rng.random() for _i in range(60 if SLOW else 240)]))
    alive(s)


def many_and_slow_clients(s, _):
    idle = []
    for _i in range(200):
        c = socket.create_connection(('127.0.0.1', s.port), timeout=10)
        c.sendall(f'POST /api/run/sim HTTP/1.1\r\nHost: 127.0.0.1:{s.port}\r\nContent-Length: 1000\r\n\r\nmodel'.encode())
        idle.append(c)
    assert s.ask('GET', '/')[0] == 200                  # 200 that dawdle, and one that does not
    for c in idle:
        c.close()
    with concurrent.futures.ThreadPoolExecutor(40) as pool:
        got = list(pool.map(lambda i: s.ask('GET', '/')[0] if i % 4 else s.ask('POST', '/api/run/sim', SIM)[0], range(40 if SLOW else 120)))
    assert set(got) <= {200, 503} and got.count(200) > len(got) // 2, got


def first_answer(s, _):
    best = 9e9
    for _i in range(12):        # other work on this machine may be in the way
        events = s.stream('/api/run/plan', PLAN)
        when, event, doc = next(events)
        events.close()

        assert event == 'estimate' and doc['stage'] == 'estimate' and doc['best'] and doc['simulated_requests'] == 0, (event, doc.get('stage'))
        best = min(best, when)
        if best < 0.3:
            break
    crowd = max(1, os.getloadavg()[0] / os.cpu_count())         # others on this machine: each has its share of it
    print(f'# first answer of the demo after {1e3 * best:.0f} ms, {crowd:.1f} at work for each core')
    assert SLOW or best < 0.3 * crowd, best


def the_verified_one_follows(s, _):
    q = b'model: llama-3.1-8b\nprecision: fp8\naccelerators: [l4, l40s, h100]\ntraffic: {preset: azure-2023-conv, rate: 5/s, limit: 1500}\nslo: {ttft: {p99: 2s}, tpot: {p99: 80ms}}\n'
    events = list(s.stream('/api/run/plan', q))
    names = [e[1] for e in events]
    assert names[0] == 'estimate' and names[-1] == 'done', names
    assert events[-1][2]['stage'] == 'simulated' and events[-1][2]['candidates'][0]['verified_full']


def newer_ends_older(s, _):
    older = s.stream('/api/run/plan?session=a', PLAN)
    assert next(older)[1] == 'estimate'
    assert s.ask('POST', '/api/run/sim?session=a', SIM)[0] == 200
    last = [e for e in older if e[1] != 'progress'][-1]
    assert last[1] == 'error' and 'newer' in last[2]['error'], last[1:]


def who_goes_away_is_not_waited_for(s, _):
    c = http.client.HTTPConnection('127.0.0.1', s.port, timeout=60)
    c.request('POST', '/api/run/plan', PLAN, STREAM)
    c.getresponse().read(100)
    c.sock.shutdown(socket.SHUT_RDWR)
    c.close()
    with socket.create_connection(('127.0.0.1', s.port), timeout=60) as d:
        d.sendall(f'POST /api/run/plan HTTP/1.1\r\nHost: 127.0.0.1:{s.port}\r\nContent-Length: {len(PLAN)}\r\n\r\n'.encode() + PLAN)
        time.sleep(0.3)
    until = time.monotonic() + 15
    while s.children() and time.monotonic() < until:
        time.sleep(0.1)
    assert not s.children(), 'a question runs for nobody'


def alive(s, _=None):
    assert s.process.poll() is None, s.process.stderr.read()[-2000:]
    assert s.ask('GET', '/')[0] == 200


def nothing_is_left(s, folder):
    until = time.monotonic() + 30
    while glob.glob(f'{folder}/*') and time.monotonic() < until:
        time.sleep(0.2)
    assert not glob.glob(f'{folder}/*'), glob.glob(f'{folder}/*')
    files = len(os.listdir(f'/proc/{s.process.pid}/fd'))
    assert files < 20, f'{files} descriptors'


def ends_when_told(s, folder):
    events = s.stream('/api/run/plan', PLAN)
    next(events)
    s.process.send_signal(signal.SIGTERM)
    assert s.process.wait(30) == 0, s.process.stderr.read()[-3000:]
    assert not glob.glob(f'{folder}/*')


def one_port_one_server(s, _):
    r = subprocess.run([MOAT, 'ui', '--port', str(s.port)], capture_output=True, text=True, check=False)
    assert r.returncode == 3 and r.stderr.count('\n') == 1 and not r.stdout, r
    r = subprocess.run([MOAT, 'ui', '--listen', 'example.com'], capture_output=True, text=True, check=False)
    assert r.returncode == 2 and 'expected an address' in r.stderr, r


TESTS = [same_as_command_line, json_and_envelope, other_commands, posted_files, errors_are_one_line, an_answer_of_no, files_stay_out_of_reach, strangers_are_refused,
         too_big_is_refused, fuzzed_requests, many_and_slow_clients, first_answer, the_verified_one_follows, newer_ends_older, who_goes_away_is_not_waited_for, alive,
         one_port_one_server, nothing_is_left, ends_when_told]


def main():
    r = subprocess.run([MOAT, 'ui', '--port', '99999'], capture_output=True, text=True, check=False)
    none = subprocess.run([MOAT, 'catalog', 'list', 'models', '--quiet', '--html', '/dev/null'], capture_output=True, text=True, check=False)
    if 'without its page' in none.stderr:
        print('1..0 # SKIP moat was built without its page: no npm')
        return 0
    assert r.returncode == 2, r
    print(f'1..{len(TESTS)}')
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        s = Server(folder)
        for n, test in enumerate(TESTS, 1):
            began = time.monotonic()
            try:
                test(s, folder)
                print(f'ok {n} - {test.__name__.replace("_", " ")} # {time.monotonic() - began:.1f} s')
            except Exception as e:     # noqa: BLE001  (whatever it was, the test has failed)
                bad += 1
                print(f'not ok {n} - {test.__name__.replace("_", " ")}')
                print('# ' + f'{type(e).__name__}: {e}'[:1500].replace('\n', '\n# '))
            sys.stdout.flush()
        if s.process.poll() is None:
            s.process.kill()
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
