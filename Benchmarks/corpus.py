"""The texts that benchmarks commit: the repository's own corpus (sections of the Debian Policy Manual), cut small."""

import json
import os
import re

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

MANIFEST = """apiVersion: ingest/v1
kind: SourceManifest
source: {{id: {name}, title: {title}, plugin: private-corpus, version: "1", modality: [text], languages: [en]}}
parties: {{owner: {{name: Bench, type: organization}}, steward: {{name: Bench, email: bench@example.org}}}}
input:
  paths: ["{path}"]
  format: jsonl
  recordUnit: {unit}
  fields: {{text: text, id: id}}
  collected: {{from: "2026-11-20", to: "2026-11-20", ongoing: false}}
license:
  declared: {license}
  concluded: {license}
  basis: license
  jurisdiction: [any]
  attribution: {{required: true, text: Bench}}
  term: {{from: "2020-01-01", until: null}}
personalData: {{present: "no", measures: [], aggregateConsumer: none}}
synthetic: {{generated: none}}
purpose: Measuring
confidential: true
policy: policies/default.policy
"""


def parts(separator, least):
    """The corpus cut at a regular expression, without parts of `least` characters or fewer."""
    path = os.path.join(ROOT, "manifests/sources/corpus/policy.jsonl")
    with open(path, encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            text = max((value for value in row.values() if isinstance(value, str)), key=len)
            yield from (part for part in re.split(separator, text) if len(part) > least)
