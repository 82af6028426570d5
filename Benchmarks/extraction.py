#!/usr/bin/env python3
"""extraction.py INGEST WARC [--pages N]: how much of the visible text that an HTML5 parser sees is in our normal form.

Runs in a Python that has FastWARC and Resiliparse (the peers kit's venv). For each page the words of `ingest normalize` and those of
Resiliparse's plain text (lexbor, an HTML5 parser; all content) are compared as multisets: 2 |A and B| / (|A| + |B|). What Resiliparse
adds to the page's own text is left out: bullets, alternative texts, and the brackets and placeholders that it draws for form fields.
"""
import argparse
import collections
import statistics
import subprocess

from fastwarc.warc import ArchiveIterator, WarcRecordType
from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.encoding import bytes_to_str, detect_encoding


def words(text):
    return collections.Counter(text.split())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("warc")
    parser.add_argument("--pages", type=int, default=300)
    options = parser.parse_args()
    shares = []
    with open(options.warc, "rb") as file:
        for number, record in enumerate(ArchiveIterator(file, record_types=WarcRecordType.response)):
            if number % 7 or "html" not in (record.http_content_type or ""):
                continue
            page = record.reader.read()
            ours = subprocess.run([options.program, "normalize", "--media-type", "text/html"], input=page, capture_output=True)
            if ours.returncode:
                continue
            theirs = extract_plain_text(bytes_to_str(page, detect_encoding(page)), main_content=False, alt_texts=False, preserve_formatting=True, list_bullets=False, form_fields=False)
            a, b = words(ours.stdout.decode()), words(theirs)
            total = sum(a.values()) + sum(b.values())
            if total:
                shares.append(2 * sum((a & b).values()) / total)
            if len(shares) == options.pages:
                break
    shares.sort()
    print(f"{len(shares)} pages: median {statistics.median(shares):.4f}, lowest tenth {shares[len(shares) // 10]:.4f}, lowest {shares[0]:.4f}, mean {statistics.mean(shares):.4f}")


main()
