"""Writes topologies: regions, the links between them, and their edges."""

from math import acos, cos, radians, sin

# id, name, failure domain, latitude, longitude, storage and egress prices in USD, UTC offset.
REGIONS = (
    ("eu-west", "Europe (Ireland)", "europe", 53.3, -6.3, 0.023, 0.02, 0),
    ("us-east", "North America (Virginia)", "north-america", 38.9, -77.4, 0.023, 0.02, -5),
    ("sa-east", "South America (São Paulo)", "south-america", -23.5, -46.6, 0.0405, 0.138, -3),
    ("ap-northeast", "Asia Pacific (Tokyo)", "asia", 35.7, 139.7, 0.025, 0.09, 9),
)

# Typical round trips between public clouds' regions, in milliseconds.
_ROUND_TRIPS_MS = {
    ("eu-west", "us-east"): 81,
    ("sa-east", "us-east"): 120,
    ("ap-northeast", "us-east"): 145,
    ("eu-west", "sa-east"): 185,
    ("ap-northeast", "eu-west"): 215,
    ("ap-northeast", "sa-east"): 265,
}

# Shares of the library that a region may keep: 3.4 libraries in all, so that
# three copies of each song fit and four do not; the busiest region binds.
_CAPACITY_SHARES = {"eu-west": 0.78, "us-east": 0.92, "sa-east": 0.82, "ap-northeast": 0.88}

# id, region, host, share of the library that it holds, share it may fill a night.
_EDGES = (
    ("eu-west-dublin", "eu-west", "dublin", 0.30, 0.22),
    ("eu-west-berlin", "eu-west", "berlin", 0.40, 0.40),
    ("us-east-ashburn", "us-east", "ashburn", 0.35, 0.35),
    ("sa-east-sao-paulo", "sa-east", "sao-paulo", 0.20, 0.20),
    ("ap-northeast-tokyo", "ap-northeast", "tokyo", 0.28, 0.28),
)


def sample(library_bytes):
    """The four regions and five edges of the sample, for a library of this size."""
    regions = [_region(row, int(library_bytes * _CAPACITY_SHARES[row[0]])) for row in REGIONS]
    links = [
        _link(source[0], target[0], _ROUND_TRIPS_MS[tuple(sorted((source[0], target[0])))],
              source[6])
        for source in REGIONS for target in REGIONS if source is not target
    ]
    edges = [
        _edge(identity, region, host, int(library_bytes * holds), int(library_bytes * fills))
        for identity, region, host, holds, fills in _EDGES
    ]
    return _topology(regions, links, edges)


def generated(region_rows, library_bytes, random):
    """A topology of any number of regions, as `benchmark.region_rows` lists them."""
    regions, links, edges = [], [], []
    # Three copies fit wherever the library is spread; a fourth of everything does not.
    share = 3.4 / len(region_rows) if len(region_rows) > 3 else 1.0
    for row in region_rows:
        keeps = min(1.0, share * (0.9 + 0.2 * random.random()))
        regions.append(_region(row, int(library_bytes * keeps)))
        for other in region_rows:
            if other is not row:
                links.append(_link(row[0], other[0], _round_trip_ms(row, other), row[6]))
        holds = library_bytes * (0.05 + 0.1 * random.random())
        edges.append(_edge(f"{row[0]}-edge", row[0], row[0], int(holds), int(holds * 0.3)))
    return _topology(regions, links, edges)


def _round_trip_ms(one, other):
    """About the time that light in fibre needs, by the angle between two places."""
    lat1, lon1, lat2, lon2 = map(radians, (one[3], one[4], other[3], other[4]))
    cosine = sin(lat1) * sin(lat2) + cos(lat1) * cos(lat2) * cos(lon1 - lon2)
    # 6371 km earth radius, 100 km of round trip a millisecond, 40 % detour.
    return round(2 + acos(max(-1.0, min(1.0, cosine))) * 6371 / 100 * 1.4)


def _region(row, capacity):
    identity, name, domain, latitude, longitude, storage, _, _ = row
    return {
        "id": identity, "name": name, "failure_domain": domain,
        "latitude": latitude, "longitude": longitude,
        "capacity_bytes": capacity, "storage_usd_per_gb_month": storage,
    }


def _link(source, target, latency, price):
    return {"from": source, "to": target, "latency_ms": latency, "transfer_usd_per_gb": price}


def _edge(identity, region, host, capacity, budget):
    return {
        "id": identity, "region": region, "url": f"https://{host}.edge.example",
        "capacity_bytes": capacity, "fill_budget_bytes": budget, "pinned_share": 0.95,
    }


def _topology(regions, links, edges):
    return {
        "format": "spindle-topology", "version": 1, "replicas": min(3, len(regions)),
        "prices": {"move_usd_per_gb": 0.02, "latency_usd_per_gb_ms": 0.0001},
        "regions": regions, "links": links, "edges": edges,
    }
