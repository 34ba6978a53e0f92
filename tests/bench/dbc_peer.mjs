// As bench_decode.c: a ring of frames of each message, other contents each time; nanoseconds a frame and a signal.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import candied from "candied";

const { Dbc, Can } = candied;
const RING = 1024;
const FRAMES = 50000;

for (const path of process.argv.slice(2)) {
  const can = new Can();
  const dbc = new Dbc();
  dbc.load(readFileSync(path, "utf8"));
  can.database = dbc.data;
  const messages = [...dbc.data.messages.values()];
  const ring = Array.from({ length: RING }, (_, i) => {
    const m = messages[i % messages.length];
    return can.createFrame(m.id, Array.from({ length: m.dlc }, (_, k) => (i * 37 + k * 101) & 255));
  });
  let signals = 0;
  for (let i = 0; i < FRAMES / 10; i++) can.decode(ring[i % RING]);
  const start = process.hrtime.bigint();
  for (let i = 0; i < FRAMES; i++) signals += can.decode(ring[i % RING])?.boundSignals.size ?? 0;
  const ns = Number(process.hrtime.bigint() - start);
  const name = `candied (node), ${basename(path)}`.padEnd(28);
  const each = signals > 0 ? (ns / signals).toFixed(2).padStart(8) : "       -";
  console.log(`decode: ${name} ${(ns / FRAMES).toFixed(1).padStart(9)} ns/frame ${each} ns/signal`);
}
