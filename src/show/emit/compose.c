/* compose.c - target compose: the replicas of one host and a gateway before them, for Docker Compose.
**
** A host takes host_cards / devices replicas. Where the plan needs more hosts, the same file runs on each, and the last one may run
** fewer. Devices are handed out by index.
*/
#include <string.h>

#include "base/err.h"
#include "show/emit.h"

#define GATEWAY_IMAGE "docker.io/library/nginx:1.29"

static bool nvidia(const struct emit_plan *p)
{
    return strcmp(p->acc->vendor, "NVIDIA") == 0;
}

static bool can(const struct emit_plan *p, struct err *e)
{
    if (p->nodes > 1) {
        err_input(e, p->file, "a replica spans %d hosts, and Compose starts containers on one", p->nodes);
        return err_mend(e, "use --target kubernetes or slurm");
    }
    if (!nvidia(p) && strcmp(p->acc->vendor, "AMD") != 0)
        return err_input(e, p->file, "Compose: no way is known to give a container a device of %s", p->acc->vendor);
    if (!p->image) {
        err_input(e, p->file, "no image of %s for %s is known", p->engine->help, p->acc->software);
        return err_mend(e, "name one with --image");
    }
    return true;
}

/* One device by its index is one render node of the host: how Compose gives AMD devices to containers. */
static void devices(struct buf *b, const struct emit_plan *p, int first)
{
    if (nvidia(p)) {
        buf_add(b, "    deploy:\n      resources:\n        reservations:\n          devices:\n            - driver: nvidia\n"
                   "              capabilities: [gpu]\n              device_ids: [");
        for (int i = 0; i < p->devices; i++)
            if (p->acc->card)       /* card:instance, as the NVIDIA container toolkit counts them */
                buf_fmt(b, "%s\"%d:%d\"", i ? ", " : "", (first + i) / p->acc->per_card, (first + i) % p->acc->per_card);
            else
                buf_fmt(b, "%s\"%d\"", i ? ", " : "", first + i);
        buf_add(b, "]\n");
        return;
    }
    buf_add(b, "    group_add: [video, render]\n    devices:\n      - /dev/kfd\n");
    for (int i = 0; i < p->devices; i++)
        buf_fmt(b, "      - /dev/dri/renderD%d\n", 128 + first + i);
}

/* What all replicas share, and what each has for itself. */
static void shared(struct buf *b, const struct emit_plan *p)
{
    struct emit_words w = emit_command(p, NULL, NULL);
    buf_fmt(b, "x-replica: &replica\n  image: %s\n  restart: unless-stopped\n  ipc: host\n  environment:\n    HF_TOKEN: ${HF_TOKEN:-}\n"
               "  volumes:\n    - ${HF_HOME:-./huggingface}:/root/.cache/huggingface\n", p->image);
    if (p->engine->extra)
        buf_fmt(b, "    - ./extra.yaml:%s:ro\n", p->extra);
    buf_add(b, "  entrypoint: []\n  command:\n");
    emit_yaml_list(b, &w, "    ");
    buf_fmt(b, "  healthcheck:\n    test: [\"CMD\", \"python3\", \"-c\", \"import urllib.request as u; u.urlopen('http://localhost:%s%s')\"]\n"
               "    interval: 10s\n    timeout: 5s\n    retries: 3\n    start_period: %ds\n\n",
            p->port, p->engine->health, emit_load_s(p));
}

static void replica(struct buf *b, const struct emit_plan *p, int i)
{
    buf_fmt(b, "  replica-%d:\n    <<: *replica\n", i);
    devices(b, p, i * p->devices);
}

static void gateway(struct buf *b, const struct emit_plan *p, int here)
{
    emit_head(b, p, "#");
    buf_add(b, "events {}\nhttp {\n    upstream replicas {\n        least_conn;\n");
    for (int i = 0; i < here; i++)
        buf_fmt(b, "        server replica-%d:%s;\n", i, p->port);
    buf_add(b, "        keepalive 256;\n    }\n    server {\n        listen 8080;\n        client_max_body_size 64m;\n"
               "        location / {\n            proxy_pass http://replicas;\n            proxy_http_version 1.1;\n"
               "            proxy_set_header Connection \"\";\n            proxy_buffering off;\n            proxy_read_timeout 1h;\n"
               "        }\n    }\n}\n");
}

static bool write(const struct emit_plan *given, struct emit_files *out, struct notes *notes, struct err *e)
{
    struct emit_plan plan = *given, *p = &plan;
    (void)notes;
    if (!can(p, e))
        return false;
    p->extra = "/etc/moat/extra.yaml";
    int host = p->acc->host_cards > 0 ? p->acc->host_cards : 1, fit = host / p->devices;
    int here = p->replicas < fit ? p->replicas : fit, hosts = (p->replicas + here - 1) / here;
    struct buf *b = emit_add(out, "compose.yaml", false);
    emit_head(b, p, "#");
    if (hosts > 1)
        buf_fmt(b, "# Run it on each of %d hosts with %d devices; of the last one %d of the replicas are needed.\n", hosts, host,
                p->replicas - here * (hosts - 1));
    buf_fmt(b, "name: %s\n\n", p->name);
    shared(b, p);
    buf_fmt(b, "services:\n  gateway:\n    image: %s\n    restart: unless-stopped\n    ports: [\"8080:8080\"]\n"
               "    volumes: [\"./nginx.conf:/etc/nginx/nginx.conf:ro\"]\n    depends_on: [", GATEWAY_IMAGE);
    for (int i = 0; i < here; i++)
        buf_fmt(b, "%sreplica-%d", i ? ", " : "", i);
    buf_add(b, "]\n");
    for (int i = 0; i < here; i++)
        replica(b, p, i);
    gateway(emit_add(out, "nginx.conf", false), p, here);
    if (p->engine->extra)
        p->engine->extra(p, emit_add(out, "extra.yaml", false));
    emit_bench(p, "http://localhost:8080", out);
    return true;
}

extern const struct emit_target emit_target_compose;
const struct emit_target emit_target_compose = {
    .name = "compose", .help = "compose.yaml with a gateway, for one host or several alike, and bench.sh",
    .source = "https://docs.docker.com/reference/compose-file/", .write = write,
};
