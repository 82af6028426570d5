#!/usr/bin/env python3
"""crawl.py INGEST [--pages N] [--delay SECONDS] [--docs DIR] [--keep DIR]

A site of real documentation, served by nginx on loopback, is crawled by ingest and by wget --mirror --warc-file: pages a
CPU-second, page sets, politeness by the server's own log, the archives read by other readers where they are installed, a
second crawl of the unchanged site, and one after pages have changed or gone.

Needs nginx and wget, and downloads documentation packages of Debian (nothing of them is installed) unless --docs names a
folder of HTML that is there already. Figures of one run are in docs/performance.md.
"""
import argparse, collections, gzip, json, os, pathlib, re, resource, shutil, subprocess, sys, tempfile, time, urllib.parse

PACKAGES = ['cppreference-doc-en-html', 'debian-handbook', 'erlang-doc', 'libboost1.74-doc|libboost1.83-doc', 'postgresql-doc-15|postgresql-doc-17',
            'python3.11-doc|python3.13-doc', 'sqlite3-doc', 'rust-doc', 'linux-doc-6.1|linux-doc-6.12', 'qtbase5-doc-html', 'openjdk-17-doc|openjdk-21-doc']
PORT = 8341
HOST = 'docs.test'
# What wget would fetch beside pages, and ingest does not: pictures, styles, scripts, archives.
NO_PAGES = 'png,gif,jpg,jpeg,svg,css,js,ico,woff,woff2,ttf,otf,eot,pdf,ps,zip,gz,tgz,xz,bz2,json,xml,rss,py,c,h,cpp,hpp,rs,java,txt,inv,qch,tags,index,tar,mml,map'


def documents(folder):
    """The unpacked packages; nothing is installed."""
    debs, tree = folder / 'debs', folder / 'tree'
    if tree.exists():
        return tree
    debs.mkdir(parents=True)
    for choice in PACKAGES:
        for name in choice.split('|'):
            if subprocess.run(['apt-get', 'download', '-qq', name], cwd=debs, capture_output=True).returncode == 0:
                break
    tree.mkdir()
    for deb in sorted(debs.glob('*.deb')):
        subprocess.run(['dpkg', '-x', deb, tree], check=True)
    return tree


def entrances(root):
    """For each folder of documentation the page that one begins with."""
    for base in sorted(p for p in root.rglob('*') if p.is_dir() and not p.is_symlink() and len(p.relative_to(root).parts) <= 7):
        if (base / 'index.html').is_file() and not any((parent / 'index.html').is_file() for parent in base.parents if root in parent.parents):
            yield base / 'index.html'


def prepare(site, tree, limit):
    """Hard links to at most so many pages, an entrance, robots.txt, a sitemap, redirects."""
    site.mkdir(parents=True)
    root, count = tree / 'usr/share/doc', 0
    # Whole packages, the smallest first: a page without what it links to is no site.
    packages = {p: sorted(f for f in p.rglob('*.html') if f.is_file() and not f.is_symlink()) for p in sorted(root.iterdir()) if p.is_dir() and not p.is_symlink()}
    for package, files in sorted(packages.items(), key=lambda item: (len(item[1]), item[0])):
        if count + len(files) > limit:
            break
        for path in files:
            target = site / path.relative_to(root)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.link(path, target) if os.stat(path).st_dev == os.stat(site).st_dev else shutil.copyfile(path, target)
            count += 1
    links = [p.relative_to(site).as_posix() for p in entrances(site)]
    orphans = [p.relative_to(site).as_posix() for p in sorted(site.rglob('*.html'))][::50]
    (site / 'index.html').write_text('<title>All</title>' + ''.join(f'<p><a href="/{urllib.parse.quote(l)}">{l}</a>' for l in links)
                                     + '<a href="/old/index.html">old</a><a href="/private/x.html">no</a><a href="/loop/a">loop</a>')
    (site / 'robots.txt').write_text(f'User-agent: *\nDisallow: /private/\nDisallow: /*/releaselog/\nSitemap: http://{HOST}:{PORT}/sitemap.xml.gz\n')
    with gzip.GzipFile(site / 'sitemap.xml.gz', 'wb', mtime=0) as out:
        out.write(('<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">' + ''.join(
            f'<url><loc>http://{HOST}:{PORT}/{urllib.parse.quote(o)}</loc></url>' for o in orphans) + '</urlset>').encode())
    (site / 'private').mkdir()
    (site / 'private/x.html').write_text('<p>not for robots')
    return count


def serve(folder, site):
    module = '/usr/lib/nginx/modules/ngx_http_brotli_filter_module.so'
    has_brotli = os.path.exists(module)
    (folder / 'nginx.conf').write_text(f'''
{f"load_module {module};" if has_brotli else ""}
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log; {"user root;" if os.geteuid() == 0 else ""}
events {{ worker_connections 256; }}
http {{
  types {{ text/html html; application/gzip gz; text/plain txt; }} default_type application/octet-stream;
  log_format all '$msec $request_time $connection $status $body_bytes_sent "$request_uri" "$sent_http_content_encoding" "$http_if_modified_since" "$http_user_agent"';
  access_log {folder}/access.log all; keepalive_requests 1000000; gzip on; gzip_types text/plain; gzip_min_length 500;
  {"brotli on; brotli_comp_level 4;" if has_brotli else ""}
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ listen 127.0.0.1:{PORT}; root {site};
    location /old/ {{ rewrite ^/old/(.*)$ /$1 permanent; }}
    location /loop/ {{ return 302 /loop/a$request_length; }}
  }}
}}''')
    process = subprocess.Popen(['nginx', '-c', str(folder / 'nginx.conf')], stderr=subprocess.DEVNULL)
    time.sleep(0.5)
    return process


def log(folder):
    """The server's log since it was last read."""
    path, entries = folder / 'access.log', []
    for line in path.read_text(errors='replace').splitlines():
        match = re.match(r'([\d.]+) ([\d.]+) (\d+) (\d+) (\d+) "([^"]*)" "([^"]*)" "([^"]*)" "([^"]*)"', line)
        end, took, connection, status, size, uri, coding, since, agent = match.groups()
        entries.append(dict(start=float(end) - float(took), end=float(end), connection=int(connection), status=int(status), bytes=int(size), uri=uri,
                            coding=coding, since=since, agent=agent))
    # nginx appends: what was read is cut off.
    os.truncate(path, 0)
    return entries


def timed(command, **options):
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, **options)
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - start
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done, cpu, wall


def politeness(entries, delay):
    """Requests against robots.txt, connections at the same time, pauses that were cut short."""
    against = [e for e in entries if e['uri'].startswith('/private/') or '/releaselog/' in e['uri']]
    spans = collections.defaultdict(lambda: [1e18, 0])
    for e in entries:
        spans[e['connection']] = [min(spans[e['connection']][0], e['start']), max(spans[e['connection']][1], e['end'])]
    order = sorted(spans.values())
    overlaps = sum(1 for a, b in zip(order, order[1:]) if b[0] < a[1] - 0.002)
    starts = sorted(entries, key=lambda e: e['start'])
    short = sum(1 for a, b in zip(starts, starts[1:]) if b['start'] - a['end'] < delay - 0.003)
    return dict(requests=len(entries), against=len(against), connections=len(spans), overlapping=overlaps, short=short)


def manifest(folder, delay, version='1'):
    (folder / 'policies').mkdir(exist_ok=True)
    own = pathlib.Path(__file__).parent.parent / 'manifests'
    shutil.copy(own / 'policies/default.policy', folder / 'policies/default.policy')
    (folder / 'snapshot.txt').write_text('')
    (folder / 'site.manifest').write_text(f'''
apiVersion: ingest/v1
kind: SourceManifest
source: {{id: docs-site, title: Documentation, plugin: web-crawl, version: "{version}", modality: [text], languages: [en]}}
parties: {{owner: {{name: Debian, type: organization}}, steward: {{name: Data steward, email: steward@example.org}}}}
input: {{paths: ["fetched/pages/*.warc.gz"], recordUnit: page, normalize: {{profile: html-text-v1}}, collected: {{from: "2026-11-01", to: "2026-11-30", ongoing: false}}}}
crawler: {{name: examplebot, userAgent: "examplebot/1 (+https://example.org/bot)", purposes: [model-training], behavior: {{robotsTxt: honored, paywalls: not-circumvented, captchas: not-circumvented}},
  optOutSignals: [robots.txt, aipref, tdmrep, rsl, x-robots-tag], optOutSnapshot: {{uri: snapshot.txt, sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855}}, onUnknownPreference: review}}
crawl: {{folder: fetched, seeds: ["http://{HOST}:{PORT}/"], delay: "{delay}", pages: "1000000", onRemoved: tombstone}}
license: {{declared: CC-BY-SA-3.0, concluded: CC-BY-SA-3.0, basis: license, jurisdiction: [any], attribution: {{required: true, text: Debian}}, term: {{from: "2026-01-01", until: null}}}}
personalData: {{present: possible, basis: published by its authors, measures: [], aggregateConsumer: none}}
synthetic: {{generated: none}}
purpose: Language-model pre-training
policy: policies/default.policy
''')


def crawl(ingest, folder, *more):
    return timed([ingest, 'crawl', 'site.manifest', '--fetch-only', '--json', '--quiet', '--allow-network', '127.0.0.0/8', '--resolve', f'{HOST}:{PORT}:127.0.0.1', *more], cwd=folder)


def archived(path):
    """Addresses of pages with status 200, from the headers of a WARC with a gzip member a record."""
    pages, size = set(), 0
    for name in path:
        size += os.path.getsize(name)
        with gzip.open(name, 'rb') as stream:
            while line := stream.readline():
                if not line.startswith(b'WARC/'):
                    continue
                fields = {}
                while (field := stream.readline().strip()):
                    key, _, value = field.partition(b':')
                    fields[key.lower()] = value.strip()
                length = int(fields[b'content-length'])
                block = stream.read(length)
                if fields[b'warc-type'] == b'response' and block[9:12] == b'200' and b'text/html' in block[:2000].lower():
                    pages.add(fields[b'warc-target-uri'].strip(b'<>').decode())
    return pages, size


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('ingest')
    parser.add_argument('--pages', type=int, default=20000)
    parser.add_argument('--delay', default='0')
    parser.add_argument('--docs', type=pathlib.Path, default=pathlib.Path('/tmp/ingest-docs'))
    parser.add_argument('--keep', type=pathlib.Path)
    options = parser.parse_args()
    ingest = os.path.abspath(options.ingest)
    folder = options.keep or pathlib.Path(tempfile.mkdtemp(prefix='ingest-crawl-'))
    folder.mkdir(parents=True, exist_ok=True)
    count = prepare(folder / 'site', documents(options.docs), options.pages)
    server = serve(folder, folder / 'site')
    try:
        measure(ingest, folder, count, options.delay)
    finally:
        server.terminate()
        server.wait()
        if not options.keep:
            shutil.rmtree(folder)


def measure(ingest, folder, count, delay):
    delays = float(delay)
    print(f'{count} pages served by nginx, one host, delay {delay} s')
    manifest(folder, delay)
    done, cpu, wall = crawl(ingest, folder)
    if done.returncode != 0:
        sys.exit(f'ingest: exit {done.returncode}: {done.stderr}')
    report = json.loads(done.stdout)
    ours, size = archived(sorted((folder / 'fetched/pages').glob('*.warc.gz')))
    polite = politeness(log(folder), delays)
    pages = int(report['total']['pages'])
    print(f'ingest: {pages} pages, {cpu:.2f} CPU-s, {wall:.2f} s, {pages / cpu:.0f} pages/CPU-s, archives {size / 1e6:.1f} MB, {polite}')
    print(f'  no pages: {report["total"]["others"]}')
    mirror = folder / 'mirror'
    mirror.mkdir()
    # wget has no --resolve; it is asked for the same site by number.
    address = f'http://127.0.0.1:{PORT}/'
    wait = ['--wait', delay] if delays else []
    done, wget_cpu, wget_wall = timed(['wget', '--mirror', '--warc-file=wget', '--no-verbose', '--reject', NO_PAGES, '--user-agent', 'examplebot/1', *wait, address], cwd=mirror)
    theirs, wget_size = archived([mirror / 'wget.warc.gz'])
    wget_polite = politeness(log(folder), delays)
    theirs = {a.replace('http://127.0.0.1', f'http://{HOST}') for a in theirs}
    print(f'wget:   {len(theirs)} pages, {wget_cpu:.2f} CPU-s, {wget_wall:.2f} s, {len(theirs) / wget_cpu:.0f} pages/CPU-s, archive {wget_size / 1e6:.1f} MB, {wget_polite}')
    print(f'ratio, pages a CPU-second: {pages / cpu / (len(theirs) / wget_cpu):.2f}')
    print(f'pages of both {len(ours & theirs)}, of ingest alone {len(ours - theirs)}, of wget alone {len(theirs - ours)}')
    for name, only in (('ingest', ours - theirs), ('wget', theirs - ours)):
        print(f'  of {name} alone: {sorted(only)[:8]}')
    (folder / 'sets.json').write_text(json.dumps(dict(ingest=sorted(ours - theirs), wget=sorted(theirs - ours))))
    readers(folder)
    # The same site once more, under another version of the source.
    manifest(folder, delay, '2')
    done, cpu, wall = crawl(ingest, folder)
    again = json.loads(done.stdout)
    entries = log(folder)
    print(f'again, unchanged: {again["total"]["unchanged"]} of {pages} unchanged, {cpu:.2f} CPU-s, {sum(e["status"] == 304 for e in entries)} answered 304, {sum(e["bytes"] for e in entries) / 1e6:.1f} MB sent')


def readers(folder):
    """Other people's readers, where they are installed."""
    names = sorted(str(p) for p in (folder / 'fetched').rglob('*.warc.gz'))
    try:
        from fastwarc.warc import ArchiveIterator as Fast, WarcRecordType
        from warcio.archiveiterator import ArchiveIterator
    except ImportError:
        print('warcio and FastWARC are not here: the archives are not read by them')
        return
    records = wrong = fast = 0
    for name in names:
        with open(name, 'rb') as stream:
            for record in ArchiveIterator(stream, check_digests='raise'):
                record.raw_stream.read()
                records += 1
        with open(name, 'rb') as stream:
            for record in Fast(stream, parse_http=False):
                fast += 1
                wrong += not record.verify_block_digest() if record.record_type != WarcRecordType.warcinfo else 0
    print(f'read by others: warcio {records} records with all digests right, FastWARC {fast}, {wrong} digests wrong')


main()
