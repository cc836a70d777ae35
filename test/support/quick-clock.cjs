// Preloaded into the processes of a clone: while a process only sleeps, its clock runs faster by quick-clock.json.
//
// The product waits for seconds on purpose: between two looks at an app, for an app to answer well for three seconds,
// before a retry. A test needs the looks and their order, not the seconds. Timeouts of requests (`setTimeout`,
// `AbortSignal.timeout`) keep real time: how fast a busy machine answers changes nothing.
const { syncBuiltinESMExports } = require("node:module");
const promises = require("node:timers/promises");

const { times: TIMES } = require("./quick-clock.json");
const realNow = performance.now.bind(performance);
const realSleep = promises.setTimeout;

let sleeping = 0;
/** A real moment, and what the clock showed then. */
let since = { realMs: 0, shownMs: 0 };

const now = () => since.shownMs + (realNow() - since.realMs) * (sleeping > 0 ? TIMES : 1);

function count(change) {
  since = { shownMs: now(), realMs: realNow() };
  sleeping += change;
}

performance.now = now;
promises.setTimeout = async (ms, value, options) => {
  count(1);
  try {
    return await realSleep(ms / TIMES, value, options);
  } finally {
    count(-1);
  }
};
syncBuiltinESMExports();
