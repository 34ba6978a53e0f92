// As bench_decode.c: a ring of frames of each message, other contents each time; nanoseconds of the processor a frame and a
// signal, the best of some turns.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import candied from "candied";

const { Dbc, Can } = candied;
const RING = 1024;
const FRAMES = 20000;
const TURNS = 4;

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
  let ns = Infinity;
  for (let turn = 0; turn < TURNS; turn++) {
    signals = 0;
    const start = process.cpuUsage();
    for (let i = 0; i < FRAMES; i++) signals += can.decode(ring[i % RING])?.boundSignals.size ?? 0;
    const { user, system } = process.cpuUsage(start);
    ns = Math.min(ns, (user + system) * 1000);
  }
  const name = `candied (node), ${basename(path)}`.padEnd(28);
  const each = signals > 0 ? (ns / signals).toFixed(2).padStart(8) : "       -";
  console.log(`decode: ${name} ${(ns / FRAMES).toFixed(1).padStart(9)} ns/frame ${each} ns/signal`);
}
