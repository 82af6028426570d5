#!/usr/bin/env python3
"""hostile_site.py: sites on loopback that no crawler should trust, and one that it should.

Prints `PORT CANARY` and serves until it is killed. Each site is a host name (the part before the first dot of the Host
field); the crawler is told where they are. Every request is a line of the log file: time, port, host, path, agent, validators.
The canary is a listener that nobody may reach: each connection is a line `canary`.
"""
import os, socket, sys, threading, time, zlib

log_lock = threading.Lock()
log_file = open(sys.argv[1], 'a', buffering=1)


def log(*words):
    with log_lock:
        log_file.write('\t'.join(str(w) for w in words) + '\n')


def response(status, body, *fields):
    head = f'HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n' + ''.join(f + '\r\n' for f in fields) + '\r\n'
    return head.encode() + body


def html(body, *fields):
    return response(200, body.encode() if isinstance(body, str) else body, 'Content-Type: text/html; charset=utf-8', *fields)


def links(*paths):
    return '<title>t</title>' + ''.join(f'<a href="{p}">x</a>' for p in paths)


def plain_site(path, fields):
    """A static site without a date: crawled twice it gives the same bytes."""
    count = 120
    if path == '/robots.txt':
        return response(200, b'User-agent: *\nDisallow: /secret\n', 'Content-Type: text/plain')
    if path == '/':
        return html(links(*[f'/p{i}' for i in range(0, count, 7)], '/moved', '/secret/x', '/missing'))
    if path == '/moved':
        return response(301, b'', 'Location: /p3')
    if path.startswith('/p') and path[2:].isdigit() and int(path[2:]) < count:
        i = int(path[2:])
        return html(links(f'/p{(i + 1) % count}', f'/p{(i * 5 + 2) % count}', '/') + f'<p>page {i} ' + 'word ' * (i * 3), f'ETag: "v{i}"')
    return response(404, b'no')


def maps_site(path, fields):
    """Sitemaps: an index, gzip, RSS, a list of lines, and addresses of a site that did not ask for it."""
    port = fields['host'].split(':')[1]
    own, other = f'http://maps.test:{port}', f'http://plain.test:{port}'
    files = {'/robots.txt': f'User-agent: *\nSitemap: {own}/index.xml\nSitemap: /list.txt\n',
             '/index.xml': f'<sitemapindex><sitemap><loc>{own}/a.xml.gz</loc></sitemap><sitemap><loc>{own}/nested.xml</loc></sitemap><sitemap><loc>{own}/feed.rss</loc></sitemap></sitemapindex>',
             '/nested.xml': f'<sitemapindex><sitemap><loc>{own}/deep.xml</loc></sitemap></sitemapindex>',
             '/deep.xml': f'<urlset><url><loc>{own}/never</loc></url></urlset>',
             '/list.txt': f'{own}/listed\n{other}/p5\n', '/feed.rss': f'<rss><channel><item><link>{own}/item</link></item></channel></rss>'}
    if path == '/a.xml.gz':
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        text = f'<urlset><url><loc>{own}/one?utm_source=map&amp;x=1</loc></url><url><loc>{other}/p1</loc></url></urlset>'.encode()
        return response(200, packer.compress(text) + packer.flush(), 'Content-Type: application/gzip')
    if path in files:
        return response(200, files[path].encode())
    return html('<p>' + path) if path.split('?')[0] in ('/', '/one', '/listed', '/item', '/never') else response(404, b'')


def signal_site(path, fields):
    """Every way in which training is reserved."""
    if path == '/robots.txt':
        return response(200, b'\xef\xbb\xbfUser-Agent: examplebot\r\nAllow: /\r\nContent-Usage: /usage train-ai=n\r\nLicense: /license.xml\r\n', 'Content-Type: text/plain')
    if path == '/.well-known/tdmrep.json':
        return response(200, b'[{"location":"/tdm/*","tdm-reservation":1,"tdm-policy":"https://x.example/p"},{"location":"/*","tdm-reservation":0}]')
    if path == '/ai.txt':
        return response(200, b'User-Agent: *\nDisallow: /aitxt\n')
    if path == '/license.xml':
        return response(200, b'<rsl xmlns="https://rslstandard.org/rsl"><content url="/rsl"><license><prohibits type="usage">ai-train</prohibits></license></content>'
                             b'<content url="/paid"><license><permits type="usage">ai-all</permits><payment type="crawl"/></license></content></rsl>')
    extra = {'/usage': [], '/header': ['Content-Usage: train-ai=n'], '/noai': ['X-Robots-Tag: noai'], '/other': ['X-Robots-Tag: otherbot: noai'], '/tdmheader': ['tdm-reservation: 1']}
    pages = ['/usage', '/header', '/noai', '/other', '/tdmheader', '/tdm/x', '/aitxt', '/rsl', '/paid', '/meta', '/tdmmeta', '/free']
    if path == '/':
        return html(links(*pages))
    if path in pages:
        head = {'/meta': '<meta name="robots" content="noml">', '/tdmmeta': '<meta name="tdm-reservation" content="1">'}.get(path, '')
        return html(f'<title>{path}</title>{head}<p>{path}', *extra.get(path, []))
    return response(404, b'no')


def changing_site(path, fields, since={}):
    """Answers conditional requests; `version` is a file that the test writes."""
    version = open(sys.argv[1] + '.version').read() if os.path.exists(sys.argv[1] + '.version') else '1'
    if path == '/robots.txt':
        return response(404, b'')
    pages = {'/': '1', '/stays': '1', '/changes': version, '/tagless': '1', '/reserves': '1'}
    if version == '1':
        pages['/goes'] = '1'
    if path not in pages:
        return response(410 if path == '/goes' else 404, b'gone')
    tag = f'"{path}-{pages[path]}"'
    if path != '/tagless' and fields.get('if-none-match') == tag:
        return f'HTTP/1.1 304 X\r\nETag: {tag}\r\n\r\n'.encode()
    body = links('/stays', '/changes', '/goes', '/tagless', '/reserves') if path == '/' else f'<p>{path} {pages[path]}'
    if path == '/reserves':
        body = '<meta name=robots content=noai>' + body
    return html(body, *([] if path == '/tagless' else [f'ETag: {tag}']))


def away_site(path, fields):
    """Wants to be left alone for an hour, but for its first page."""
    if path in ('/robots.txt', '/.well-known/tdmrep.json', '/ai.txt'):
        return response(404, b'')
    return html(links('/a', '/b')) if path == '/' else response(503, b'', 'Retry-After: 3600')


def broken_site(path, fields):
    """A first page with many links, none of which works."""
    if path in ('/robots.txt', '/.well-known/tdmrep.json', '/ai.txt'):
        return response(404, b'')
    return html(links(*[f'/x{i}' for i in range(60)])) if path == '/' else response(500, b'oops')


def flood_site(path, fields):
    """As many words about training as a head can hold, and rules longer than any line of evidence."""
    if path == '/robots.txt':
        return response(200, ('User-agent: *\nAllow: /' + '*' * 100000 + '\n' + 'Content-Usage: train-ai=n' + ' ' * 5000 + '\n').encode())
    if path == '/':
        return html('<p>a page' + '<meta name="robots" content="&#1;&#2;' + 'x' * 1900 + '">' * 1 + links('/kind'), *['X-Robots-Tag: noai, ' + 'y' * 60] * 700)
    return html('<p>another') if path == '/kind' else response(404, b'')


def moved_site(path, fields):
    """Files about training that have moved: to where robots.txt lets nobody in, within the site, and to another site."""
    port = fields['host'].split(':')[1]
    if path == '/robots.txt':
        return response(200, b'User-agent: *\nDisallow: /private\nLicense: /license.xml\n')
    places = {'/ai.txt': '/private/ai.txt', '/.well-known/tdmrep.json': '/tdm.json', '/license.xml': f'http://plain.test:{port}/license.xml'}
    if path in places:
        return response(301, b'', 'Location: ' + places[path])
    if path == '/tdm.json':
        return response(200, b'[{"location":"/kept","tdm-reservation":1}]')
    return html(links('/kept')) if path in ('/', '/kept') else response(404, b'')


attempts = {}


def patient_site(path, fields):
    """Asks for patience, and lets in whoever has it."""
    if path == '/robots.txt':
        return response(200, b'User-agent: *\nCrawl-delay: 0.3\n')
    if path == '/':
        return html(links('/busy', '/flaky', '/a', '/b'))
    attempts[path] = attempts.get(path, 0) + 1
    if path == '/busy' and attempts[path] == 1:
        return response(429, b'later', 'Retry-After: 1')
    if path == '/flaky' and attempts[path] < 3:
        return response(500, b'oops')
    return html('<p>' + path) if path in ('/busy', '/flaky', '/a', '/b') else response(404, b'')


def bomb():
    """64 MiB of nothing."""
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    return b''.join(packer.compress(b'\0' * (1 << 20)) for _ in range(64)) + packer.flush()


def serve_hostile(path, sock, port, canary):
    """Returns bytes to send, or None when it has sent what it wanted itself."""
    html_head = b'HTTP/1.1 200 X\r\nContent-Type: text/html\r\n'
    if path == '/robots.txt':
        return response(404, b'')
    if path == '/':
        names = ['bomb', 'brotli-lies', 'chunk-lies', 'chunk-huge', 'endless', 'header-bomb', 'header-line', 'redirects', 'to-loopback', 'to-metadata', 'to-mapped', 'to-decimal', 'to-name',
                 'to-file', 'to-user', 'drip', 'drip-head', 'type-lies', 'type-lies-back', 'charset-lies', 'short', 'no-head', 'continue', 'deep', 'attributes', 'good', 'nul', 'location-bomb', 'length-twice']
        return html(links(*['/' + n for n in names]) + '<a href="javascript:alert(1)"><a href="file:///etc/passwd"><a href="//[::1"><a href="http://u:p@h/">')
    if path == '/bomb':
        return html(bomb(), 'Content-Encoding: gzip')
    if path == '/brotli-lies':
        return html(b'<p>not brotli', 'Content-Encoding: br')
    if path == '/chunk-lies':
        sock.sendall(html_head + b'Transfer-Encoding: chunked\r\n\r\nzz\r\n<p>lies\r\n0\r\n\r\n')
        return b''
    if path == '/chunk-huge':
        sock.sendall(html_head + b'Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n<p>')
        return b''
    if path == '/endless':
        sock.sendall(html_head + b'\r\n')
        while True:
            sock.sendall(b'<p>more ' * 8192)
    if path == '/header-bomb':
        sock.sendall(b'HTTP/1.1 200 X\r\n')
        for i in range(100000):
            sock.sendall(b'X-%d: %s\r\n' % (i, b'y' * 100))
        return b'\r\n'
    if path == '/header-line':
        sock.sendall(b'HTTP/1.1 200 X\r\nX: ')
        for _ in range(4096):
            sock.sendall(b'y' * 4096)
        return b'\r\n\r\n'
    if path.startswith('/redirects'):
        return response(302, b'', f'Location: /redirects{int(path[10:] or 0) + 1}')
    targets = {'/to-loopback': f'http://127.0.0.1:{canary}/', '/to-metadata': 'http://169.254.169.254/latest/meta-data/', '/to-mapped': f'http://[::ffff:127.0.0.1]:{canary}/',
               '/to-decimal': f'http://2130706433:{canary}/', '/to-name': f'http://canary.test:{canary}/', '/to-file': 'file:///etc/passwd', '/to-user': f'http://a:b@127.0.0.1:{canary}/'}
    if path in targets:
        return response(302, b'', 'Location: ' + targets[path])
    if path == '/location-bomb':
        return response(302, b'', 'Location: /' + 'a' * 50000)
    if path == '/drip':
        sock.sendall(html_head + b'Content-Length: 100000\r\n\r\n')
        while True:
            sock.sendall(b'x')
            time.sleep(0.2)
    if path == '/drip-head':
        for byte in b'HTTP/1.1 200 X\r\nContent-Type: text/html' + b' ' * 100000:
            sock.sendall(bytes([byte]))
            time.sleep(0.2)
    if path == '/type-lies':
        return html(b'\x89PNG\r\n\x1a\n' + b'\0' * 100)
    if path == '/type-lies-back':
        return response(200, b'<html><p>a page that says it is a picture', 'Content-Type: image/png')
    if path == '/charset-lies':
        return response(200, b'<p>caf\xe9 \xff\xfe latin', 'Content-Type: text/html; charset=utf-8')
    if path == '/short':
        sock.sendall(html_head + b'Content-Length: 5000\r\n\r\n<p>short')
        return b''
    if path == '/no-head':
        sock.sendall(b'\x00\x01\x02 this is no HTTP at all\r\n\r\n')
        return b''
    if path == '/continue':
        return b'HTTP/1.1 103 Hints\r\nLink: </x>\r\n\r\n' + html('<p>behind hints')
    if path == '/deep':
        return html('<div>' * 50000)
    if path == '/attributes':
        return html('<p ' + ' '.join(f'a{i}=1' for i in range(100000)) + '>x')
    if path == '/nul':
        return html(b'<p>a\0b<a href="/from-nul\0x">')
    if path == '/length-twice':
        sock.sendall(html_head + b'Content-Length: 5\r\nContent-Length: 50\r\n\r\n<p>ab')
        return b''
    if path == '/good':
        return html('<p>still here')
    return response(404, b'')


def handle(sock, port, canary):
    peer = id(sock)
    try:
        buffer = b''
        while True:
            while b'\r\n\r\n' not in buffer:
                piece = sock.recv(65536)
                if not piece:
                    return
                buffer += piece
            head, buffer = buffer.split(b'\r\n\r\n', 1)
            lines = head.decode('latin-1').split('\r\n')
            method, path, _ = lines[0].split(' ')
            fields = {k.lower(): v.strip() for k, _, v in (line.partition(':') for line in lines[1:])}
            site = fields.get('host', '').split(':')[0].split('.')[0]
            log('request', f'{time.monotonic():.3f}', peer, site, path, fields.get('user-agent', ''), fields.get('if-none-match', ''))
            if site == 'plain':
                time.sleep(0.001)
            if site == 'robotscut' and path == '/robots.txt':
                sock.sendall(b'HTTP/1.1 200 X\r\nContent-Length: 5000\r\n\r\nUser-agent: *\nAllow: /\n')
                return
            robots = {'robotscut': response(404, b''), 'robots500': response(503, b'<p>User-agent: *\nAllow: /'), 'robots403': response(403, b''), 'robots429': response(429, b''),
                      'robotsloop': response(302, b'', f'Location: /robots.txt?{len(path)}'), 'robotsendless': None,
                      'robotsslow': response(200, b'User-agent: *\nCrawl-delay: 3600\n'), 'robotshtml': html('<p>welcome')}
            if site in robots:
                if path.startswith('/robots.txt'):
                    if site == 'robotsendless':
                        sock.sendall(b'HTTP/1.1 200 X\r\n\r\nUser-agent: *\nDisallow: /no\n')
                        while True:
                            sock.sendall(b'# and so on\n' * 4096)
                    answer = robots[site]
                else:
                    answer = html(links('/no/x', '/yes')) if path in ('/', '/yes', '/no/x') else response(404, b'')
            elif site == 'hostile':
                answer = serve_hostile(path, sock, port, canary)
                if answer == b'':
                    return
            else:
                sites = {'plain': plain_site, 'signals': signal_site, 'changing': changing_site, 'maps': maps_site, 'away': away_site, 'broken': broken_site, 'flood': flood_site, 'moved': moved_site, 'patient': patient_site}
                answer = sites.get(site, lambda p, f: response(404, b''))(path, fields)
            sock.sendall(answer)
            log('answered', f'{time.monotonic():.3f}', peer, site, path)
    except (OSError, ValueError):
        pass
    finally:
        sock.close()


def listen(address, port=0):
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((address, port))
    server.listen(64)
    return server, server.getsockname()[1]


def watch(server):
    while True:
        sock, _ = server.accept()
        log('canary')
        sock.close()


def main():
    # The crawler is let in here, and not where the canary sits.
    server, port = listen('127.0.0.2', int(sys.argv[2]) if len(sys.argv) > 2 else 0)
    canary_server, canary = listen('127.0.0.1')
    threading.Thread(target=watch, args=(canary_server,), daemon=True).start()
    print(port, canary, flush=True)
    while True:
        sock, _ = server.accept()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=handle, args=(sock, port, canary), daemon=True).start()


main()
