The environment fails: exit 3, one line, nothing on stdout.

  $ moat plan nowhere.yaml
  moat: nowhere.yaml: cannot be opened: No such file or directory
  [3]
  $ moat plan .
  moat: .: expected a file, this is a directory
  [2]
  $ moat trace stat nowhere.csv
  moat: *nowhere.csv* (glob)
  [3]
  $ moat catalog list --catalog nowhere
  moat: nowhere: cannot be read: No such file or directory
  [3]
  $ moat predict nowhere.json on h100
  moat: *nowhere.json* (glob)
  [3]
  $ moat predict llama-3.1-8b on nowhere.yaml
  moat: *nowhere.yaml* (glob)
  [3]
  $ if [ $(id -u) -ne 0 ]; then touch locked.yaml; chmod 000 locked.yaml; moat plan locked.yaml; else echo "moat: locked.yaml: no permission" >&2; (exit 3); fi
  moat: locked.yaml: * (glob)
  [3]

A full disk, and a reader that went away.

  $ moat help > /dev/full
  moat: standard output: cannot write: No space left on device
  [3]
  $ moat catalog list prices --csv 2> err | true; cat err | grep -v 'Broken pipe'
  [1]
  $ moat help >&-
  moat: standard output: cannot write: Bad file descriptor
  [3]
  $ moat catalog add /dev/null/x.yaml --catalog here
  moat: /dev/null/x.yaml: * (glob)
  [3]

Little memory is no crash, however little (a sanitizer needs terabytes of addresses: not there).

  $ test "$MOAT_SANITIZED" = yes || for kb in 20000 40000 44000 48000 50000 52000 54000 56000 60000 70000; do
  >   (ulimit -v $kb; moat catalog list > out 2> err; echo $?) | grep -E '^(0|3|127)$' > /dev/null || { echo "$kb kB:"; cat err; }
  > done
