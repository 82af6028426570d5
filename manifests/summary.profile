# summary.profile: who publishes what is exported from this folder.
apiVersion: ingest/v1
kind: SummaryProfile
provider: {name: Example Data GmbH, email: data@example.org, url: "https://data.example.org", country: DE}
model: {names: [example-model], placedOnMarket: "2026-12-01", latestAcquisition: "2026-11-20"}
title: Handbook, framework and policy
description: Three documented sources, committed record by record; an example.
namespace: https://data.example.org/registry
metadataLicense: CC0-1.0
smallEnterprise: "true"
publicSources: [flask-archive]
