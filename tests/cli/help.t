Help goes to standard output with exit code 0, and starts with examples.

  $ moat | head -1
  moat - which accelerators should serve this model, how many, and at what cost
  $ moat --help > a; moat help > b; moat > c; cmp a b && cmp a c && echo same
  same
  $ moat help | grep -c '^  [a-z]'
  [12][0-9] (re)
  $ moat --version
  moat [0-9]+\.[0-9]+\.[0-9]+ (re)
  $ moat plan --help > a; moat help plan > b; moat plan x.yaml -h > c; cmp a b && cmp a c && echo same
  same
  $ head -4 a
  moat plan SCENARIO.yaml [options]
  which accelerators, how many, which configuration, at what cost
  
  Examples

Every command has help within 80 columns, an example, and a man page that scdoc takes.

  $ for c in $(moat help | sed -n '/^Commands/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
  >   moat help $c > out || echo "$c: exit $?"
  >   awk -v c=$c 'length($0) > 80 { print c ": " $0 }' out
  >   grep -q '^  moat '$c out || echo "$c: no example"
  >   moat help --man $c > page.scd || echo "$c: no man page"
  >   grep -q '^# EXIT STATUS' page.scd || echo "$c: no exit status"
  >   if command -v scdoc > /dev/null; then scdoc < page.scd > page.1 || echo "$c: scdoc refuses"; fi
  > done
  $ moat help --man | head -1
  moat(1)

A narrow or a wide screen is obeyed.

  $ COLUMNS=50 moat help sim | awk 'length($0) > 52 && !/^ *moat|--/' 
  $ COLUMNS=120 moat help sim | awk 'length($0) > 80' | grep -c .
  [1-9][0-9]* (re)

No colour off a terminal; on one, NO_COLOR is obeyed.

  $ moat help | grep -c $'\033'
  0
  [1]
  $ cat > terminal.py <<END
  > import os, pty, sys
  > sys.stdout.flush()
  > pty.spawn(sys.argv[1:], lambda fd: os.read(fd, 65536))
  > END
  $ TERM=xterm python3 terminal.py moat help < /dev/null | grep -c $'\033'
  [1-9][0-9]* (re)
  $ TERM=xterm NO_COLOR=1 python3 terminal.py moat help < /dev/null | grep -c $'\033'
  0
  [1]
  $ TERM=dumb python3 terminal.py moat help < /dev/null | grep -c $'\033'
  0
  [1]
