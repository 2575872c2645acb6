#!/usr/bin/env bash
# Records corpus/traces again: programs of different kinds, each run once under strace, cleared of
# everything that names the machine they ran on, and compressed.
#
#   tools/record_traces.sh [KIND...]
#
# KIND: build compiler database interpreter jit jvm server shell; all of them when none is named.
# TRACES=DIR puts the files elsewhere. Needs strace and gzip, and of Debian's packages: g++ make
# sqlite3 python3 nodejs default-jre-headless (with the compiler) redis git. A kind whose programs
# are missing is skipped, and said so.
#
# Exit: 0 recorded or skipped, 1 a program failed, 2 bad usage, 3 strace is missing or may not trace.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)"
traces="${TRACES:-$root/corpus/traces}"
kinds=(build compiler database interpreter jit jvm server shell)

say() { printf '%s\n' "$*" >&2; }
has() {
  local program
  for program in "$@"; do
    command -v "$program" >/dev/null && continue
    say "$kind: skipped, $program is not installed"
    return 1
  done
}

# ---- From a run to a file --------------------------------------------------------------------

# With -s 0 no string is left but the path of an execve: the program keeps its base name, arguments
# and the address of the environment go, and so does the number of the user in signals. Waiting for
# a child moves no memory.
scrub() {
  sed -E \
    -e 's#(execve\()"([^"]*/)?([^"/]*)", \[[^]]*\], (0x[0-9a-f]+|NULL)( /\* [0-9]+ vars \*/)?#\1"\3", [], NULL#' \
    -e 's#si_uid=[0-9]+#si_uid=1000#' \
    -e '/ (wait4|waitid)\(/d' -e '/<\.\.\. (wait4|waitid) resumed>/d'
}

trace() { strace -f -e trace=%memory,%process -s 0 -o "$work/$kind.raw" "$@"; }

keep() {
  local file="$traces/$kind.strace.gz"
  # No name and no time in the header, so that the same trace is the same file.
  scrub <"$work/$kind.raw" | gzip -9n >"$work/$kind.gz"
  mv "$work/$kind.gz" "$file"
  printf '%-12s %6d lines %7d bytes\n' "$kind" "$(zcat "$file" | wc -l)" "$(wc -c <"$file")"
}

record() {
  if ! trace "$@" >"$work/$kind.log" 2>&1; then
    say "$kind: the program failed: $(tail -n 1 "$work/$kind.log")"
    return 1
  fi
  keep
}

# ---- The programs ----------------------------------------------------------------------------

record_compiler() {
  has g++ || return 0
  cat >"$work/unit.cc" <<'END'
#include <algorithm>
#include <map>
#include <string>
#include <vector>
int main() {
  std::map<std::string, std::vector<int>> table;
  for (int i = 0; i < 1000; ++i) table[std::to_string(i % 37)].push_back(i);
  for (auto& [name, values] : table) std::sort(values.rbegin(), values.rend());
  return static_cast<int>(table.size()) - 37;
}
END
  record g++ -O2 -o "$work/unit" "$work/unit.cc"
}

record_build() {
  has make cc || return 0
  mkdir "$work/project"
  local unit
  for unit in one two three; do
    echo "int $unit(void) { return __COUNTER__; }" >"$work/project/$unit.c"
  done
  cat >"$work/project/main.c" <<'END'
int one(void), two(void), three(void);
int main(void) { return one() + two() + three(); }
END
  cat >"$work/project/Makefile" <<'END'
program: main.o one.o two.o three.o ; cc -o $@ $^
%.o: %.c ; cc -O1 -c -o $@ $<
END
  record make -j2 -C "$work/project"
}

record_interpreter() {
  # A wrapper in front of the interpreter would be traced too.
  [ -x /usr/bin/python3 ] || { has python3-of-the-system || return 0; }
  cat >"$work/script.py" <<'END'
import mmap, random, threading, zlib
words = ["%x" % random.randrange(1 << 40) for _ in range(40000)]
table = {}
for word in words:
    table.setdefault(word[:3], []).append(word)
blobs = [bytes(200000 + 4096 * i) for i in range(40)]
packed = [zlib.compress(blob) for blob in blobs]
del blobs
with mmap.mmap(-1, 8 << 20) as area:
    area[0:4] = b"\1\2\3\4"
    area.resize(12 << 20)
workers = [threading.Thread(target=lambda: sorted(words)) for _ in range(3)]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
END
  record /usr/bin/python3 "$work/script.py"
}

record_database() {
  has sqlite3 || return 0
  cat >"$work/script.sql" <<'END'
PRAGMA mmap_size = 33554432;
CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, weight REAL);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000)
  INSERT INTO item SELECT i, hex(randomblob(12)), random() FROM n;
CREATE INDEX by_name ON item (name);
SELECT count(*) FROM item a JOIN item b ON a.name = b.name WHERE a.weight > 0;
DELETE FROM item WHERE id % 3 = 0;
VACUUM;
SELECT group_concat(name) IS NOT NULL FROM item ORDER BY weight;
END
  record sqlite3 -init /dev/null "$work/item.db" ".read $work/script.sql"
}

record_jit() {
  has node || return 0
  cat >"$work/script.js" <<'END'
let live = [], sum = 0;
function mix(a, b) { return (a * 31 + b) | 0; }
for (let round = 0; round < 60; ++round) {
  for (let i = 0; i < 20000; ++i) sum = mix(sum, i);
  live.push(new Array(5000).fill(round).map(x => ({ x, y: sum })));
  if (live.length > 12) live = live.slice(6);
}
const made = [];
for (let i = 0; i < 40; ++i) made.push(new Function("a", "return a * " + i));
for (let round = 0; round < 4000; ++round) for (const f of made) sum += f(round);
new WebAssembly.Memory({ initial: 1, maximum: 64 }).grow(16);
END
  record node "$work/script.js"
}

record_jvm() {
  has java javac || return 0
  cat >"$work/Main.java" <<'END'
import java.util.*;
public class Main {
  public static void main(String[] a) {
    Map<Integer, byte[]> live = new HashMap<>();
    for (int i = 0; i < 4000; i++) live.put(i % 300, new byte[10000 + i]);
    System.gc();
  }
}
END
  javac -d "$work" "$work/Main.java"
  record java -Xmx64m -cp "$work" Main
}

record_server() {
  has redis-server redis-cli redis-benchmark || return 0
  local port=47391 child failed=0
  (cd "$work" && kind=$kind trace redis-server --port $port --bind 127.0.0.1 --io-threads 4 \
    --io-threads-do-reads yes --save "" --dir "$work" >"$work/server.log" 2>&1) &
  child=$!
  {
    ask() { redis-cli -p $port "$@" >/dev/null 2>&1; }
    local left=100
    until ask ping || [ $((left -= 1)) -eq 0 ]; do sleep 0.1; done
    ask debug populate 20000 key 100
    redis-benchmark -p $port -q -c 20 -n 4000 -t set,lpush,lrange_100 -d 400 -P 8 >/dev/null 2>&1
    ask bgsave
    sleep 1
    ask flushall
    ask memory purge
  } || failed=1
  ask shutdown nosave || true
  wait "$child" || failed=1
  if [ $failed -ne 0 ]; then
    say "server: the program failed: $(tail -n 1 "$work/server.log")"
    return 1
  fi
  keep
}

record_shell() {
  has git || return 0
  cat >"$work/script.bash" <<'END'
cd "$1"
git init -q . && git config user.name n && git config user.email n@example.org
for i in 1 2 3; do echo "$i" >file$i; done
git add . && git commit -qm first
ls | sort -r | (read -r line; echo "$line" | tr a-z A-Z)
git gc -q
diff <(git log --oneline | wc -l) <(echo 1)
END
  mkdir "$work/tree"
  record bash "$work/script.bash" "$work/tree"
}

# ---- The run ---------------------------------------------------------------------------------

for kind in "$@"; do
  [[ " ${kinds[*]} " == *" $kind "* ]] || { say "record_traces: no kind is called $kind"; exit 2; }
done
[ $# -gt 0 ] && kinds=("$@")

strace -o /dev/null true 2>/dev/null || { say "record_traces: strace cannot trace here"; exit 3; }
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
mkdir -p "$traces"
for kind in "${kinds[@]}"; do "record_$kind"; done
