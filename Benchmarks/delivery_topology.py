"""The regions of the delivery benchmark: places, prices and round-trip times, and what fits in."""

import math

# Round-trip times in ms from the public table of 2017 that the project goes by; the others follow
# from the distance. Prices: a GB of storage a month, a GB sent to another region.
REGIONS = {
    "eu-west": (53.3, -6.3, 0.023, 0.02), "us-east": (38.9, -77.4, 0.023, 0.02),
    "sa-east": (-23.5, -46.6, 0.0405, 0.138), "ap-northeast": (35.7, 139.7, 0.025, 0.09),
    "eu-central": (50.1, 8.7, 0.0245, 0.02), "us-west": (45.8, -119.7, 0.023, 0.02),
    "ap-south": (1.3, 103.8, 0.025, 0.09), "af-south": (-33.9, 18.4, 0.0274, 0.147),
}
MEASURED_MS = {
    ("us-east", "us-west"): 87, ("us-east", "sa-east"): 120, ("us-east", "eu-west"): 81,
    ("us-east", "eu-central"): 89, ("us-east", "ap-northeast"): 145, ("us-east", "ap-south"): 217,
    ("us-west", "ap-northeast"): 89, ("eu-west", "eu-central"): 20,
    ("eu-central", "ap-south"): 326, ("ap-northeast", "ap-south"): 74,
}
REPLICAS = 3
MOVE_USD_PER_GB = 0.005
LATENCY_USD_PER_GB_MS = 0.0001
# All regions together have room for so many times three copies of everything, unevenly.
ROOM = 1.25
ROOM_SHARES = {"eu-west": 0.20, "us-east": 0.18, "eu-central": 0.14, "us-west": 0.12,
               "sa-east": 0.10, "ap-northeast": 0.10, "ap-south": 0.08, "af-south": 0.08}
EDGE_SHARES = (0.001, 0.01, 0.05, 0.10)


def latency_ms(a, b):
    known = MEASURED_MS.get((a, b)) or MEASURED_MS.get((b, a))
    if known:
        return known
    (lat_a, lon_a), (lat_b, lon_b) = ([math.radians(x) for x in REGIONS[r][:2]] for r in (a, b))
    angle = math.acos(math.sin(lat_a) * math.sin(lat_b)
                      + math.cos(lat_a) * math.cos(lat_b) * math.cos(lon_a - lon_b))
    # There and back at two thirds of light's speed, on cables half as long again.
    return round(6371 * angle * 2 / 200 * 1.5)


def edge_id(region, share):
    return f"{region}-{1000 * share:g}"


def topology(catalog_bytes, edges=(), fill=1.0, pinned_share=0.95, regions=REGIONS, room=ROOM):
    """What goes into topology.json. `fill`: of an edge's capacity, in a night."""
    shares = sum(ROOM_SHARES[region] for region in regions)
    return {
        "format": "spindle-topology", "version": 1, "replicas": REPLICAS,
        "prices": {"move_usd_per_gb": MOVE_USD_PER_GB,
                   "latency_usd_per_gb_ms": LATENCY_USD_PER_GB_MS},
        "regions": [
            {"id": region, "name": region, "failure_domain": region,
             "latitude": REGIONS[region][0], "longitude": REGIONS[region][1],
             "capacity_bytes": int(room * REPLICAS * catalog_bytes * ROOM_SHARES[region] / shares),
             "storage_usd_per_gb_month": REGIONS[region][2]} for region in regions],
        "links": [
            {"from": a, "to": b, "latency_ms": latency_ms(a, b),
             "transfer_usd_per_gb": REGIONS[a][3]} for a in regions for b in regions if a != b],
        "edges": [
            {"id": edge_id(region, share), "region": region,
             "url": f"http://127.0.0.1/{edge_id(region, share)}",
             "capacity_bytes": int(share * catalog_bytes),
             "fill_budget_bytes": int(fill * share * catalog_bytes),
             "pinned_share": pinned_share} for region in regions for share in edges],
    }
