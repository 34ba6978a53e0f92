/* The land as one GeoJSON feature. A chunk of its own: it is data, larger than the desk, and never changes. */
import { feature } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import landAtlas from 'world-atlas/land-50m.json';

const topology = landAtlas as unknown as Topology<{ land: GeometryCollection }>;

export const land = feature(topology, topology.objects.land);
