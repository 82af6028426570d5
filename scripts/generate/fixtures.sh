#!/usr/bin/env bash
# Makes the data of manifests/sources from Debian packages and a source distribution; see the READMEs there.
# Needs: apt-get (package index up to date), pip, wget, python3. Run by hand; the result is committed.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'kill ${server:-0} 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq debian-handbook debian-policy
for deb in *.deb; do dpkg -x "$deb" tree; done
docs=$work/tree/usr/share/doc

# crawl: the Debian handbook, served on loopback and really fetched; wget writes the WARC
cp -r "$docs/debian-handbook/html/en-US" site
python3 -m http.server 8137 --bind 127.0.0.1 --directory site >/dev/null 2>&1 &
server=$!
sleep 1
wget --quiet --recursive --level=inf --no-parent --accept html,css,gif --no-verbose \
  --warc-file=handbook --no-warc-keep-log --warc-header="operator: ingest fixtures" \
  --user-agent="ingest-fixture/1 (+mailto:steward@example.org)" --directory-prefix=mirror http://127.0.0.1:8137/index.html || true
status=$(python3 -c "import urllib.request as u, urllib.error as e
try: print(u.urlopen('http://127.0.0.1:8137/robots.txt').status)
except e.HTTPError as x: print(x.code)")
kill $server
out=$root/manifests/sources/crawl
cp handbook.warc.gz "$out/handbook.warc.gz"
cp "$docs/debian-handbook/copyright" "$out/LICENSE"
printf '{"host":"127.0.0.1:8137","robots.txt":"status %s","checked":"before the fetch"}\n' "$status" > "$out/preferences.jsonl"

# archive: a source distribution as its authors uploaded it
out=$root/manifests/sources/archive
pip download -q --no-deps --no-binary :all: -d sdist flask==3.1.2
cp sdist/flask-3.1.2.tar.gz "$out/"
tar -xOf sdist/flask-3.1.2.tar.gz flask-3.1.2/LICENSE.txt > "$out/LICENSE.txt"

# corpus: the sections of the Debian Policy Manual, one record each, as JSONL and as SQLite
out=$root/manifests/sources/corpus
cp "$docs/debian-policy/copyright" "$out/LICENSE"
zcat "$docs/debian-policy/policy.txt.gz" > policy.txt
python3 - policy.txt "$out" <<'P'
import json, pathlib, re, sqlite3, sys
lines = pathlib.Path(sys.argv[1]).read_text().splitlines()
out = pathlib.Path(sys.argv[2])
starts = [i for i in range(len(lines) - 1) if lines[i].strip() and re.fullmatch(r"([*=\-~^])\1{3,}", lines[i + 1]) and len(lines[i + 1]) == len(lines[i])]
rows = []
for number, (start, end) in enumerate(zip(starts, starts[1:] + [len(lines)])):
    text = "\n".join(lines[start + 2:end]).strip()
    if text:
        rows.append({"id": f"policy-{number:04d}", "title": lines[start].strip(), "url": f"https://policy.example/section/{number}",
                     "license": "GPL-2.0-or-later", "text": text + "\n"})
(out / "policy.jsonl").write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows))
(out / "policy.sqlite").unlink(missing_ok=True)
db = sqlite3.connect(out / "policy.sqlite")
db.execute("CREATE TABLE section (number INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, title TEXT, url TEXT, license TEXT, text TEXT NOT NULL)")
db.executemany("INSERT INTO section VALUES (?, ?, ?, ?, ?, ?)", [(i, r["id"], r["title"], r["url"], r["license"], r["text"]) for i, r in enumerate(rows)])
db.commit(); db.execute("VACUUM"); db.close()
print(len(rows), "sections")
P
sha256sum "$root"/manifests/sources/*/* | sed "s|$root/||"
