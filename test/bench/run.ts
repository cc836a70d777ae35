/**
 * `npm run bench`: how much longer ours takes than what it stands on, as ratios of medians of one run on one engine. A Markdown
 * table to standard output; the same with every single time as JSON by `--json`.
 * `--smoke` runs every row once and judges no figure. Ends with 1 where a goal is missed, 2 where it cannot be measured, 130 when interrupted.
 */
import { writeFile } from "node:fs/promises";
import { availableParallelism, loadavg } from "node:os";
import { explain, PropiqError } from "../../base/errors.ts";
import { type BenchOptions, benchOptions } from "./arguments.ts";
import { endCommands } from "./command.ts";
import { measureRow } from "./measure.ts";
import type { Result, Row } from "./row.ts";
import { rowsOf } from "./rows.ts";
import { table } from "./table.ts";
import { exitCodeOf, markOf } from "./verdict.ts";
import { openWorkshop, type Workshop, whyNoDocker } from "./workshop.ts";

/** Progress, apart from the table, which may be piped elsewhere. */
const say = (line: string): void => void process.stderr.write(`${line}\n`);

const interruption = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  // More than once: npm hands on the terminal's Ctrl-C, which has come already.
  process.on(signal, () => {
    if (!interruption.signal.aborted) say("Interrupted; clearing up");
    interruption.abort(
      new PropiqError("Interrupted.", {
        code: "INTERRUPTED",
        next: { say: "Again: npm run bench" },
        exitCode: 130,
      }),
    );
    endCommands();
  });
}

try {
  process.exitCode = await bench(benchOptions(process.argv.slice(2)));
} catch (error) {
  say(`\n${explain(error)}`);
  process.exitCode = error instanceof PropiqError ? error.exitCode : 2;
}

async function bench(options: BenchOptions): Promise<number> {
  const workshop = await openWorkshop(say);
  try {
    const results = await measure(await wanted(workshop, options), options);
    process.stdout.write(`\n${heading(workshop)}\n\n${table(results)}\n`);
    if (options.json !== undefined) await writeFile(options.json, figures(workshop, results));
    return exitCodeOf(results, process.env["CI"] === "true", options.smoke);
  } finally {
    await workshop.close();
  }
}

async function wanted(workshop: Workshop, { only }: BenchOptions): Promise<Row[]> {
  const all = rowsOf(workshop, (await whyNoDocker()) === undefined);
  const rows = all.filter(({ name, against }) => only?.test(`${name} against ${against}`) ?? true);
  if (rows.length > 0) return rows;
  throw new PropiqError("No row of the bench matches that.", {
    code: "USAGE",
    next: { say: `Rows:\n${all.map(({ name, against }) => `  ${name} against ${against}`).join("\n")}` },
  });
}

async function measure(rows: readonly Row[], options: BenchOptions): Promise<Result[]> {
  const [busy = 0] = loadavg();
  if (!options.smoke && busy > availableParallelism() / 2) {
    say(`The machine is busy (load ${busy.toFixed(1)}): the figures may be off.`);
  }
  const results: Result[] = [];
  for (const row of rows) {
    interruption.signal.throwIfAborted();
    results.push(await measureRow(row, { ...options, say, signal: interruption.signal }));
  }
  interruption.signal.throwIfAborted();
  return results;
}

function heading({ cli }: Workshop): string {
  return `Medians, Pulumi ${cli.version}, Node ${process.versions.node}, ${availableParallelism()} cores; memory: peak PSS of all processes`;
}

function figures({ cli }: Workshop, results: readonly Result[]): string {
  const { versions, platform, arch } = process;
  const machine = { platform, arch, cores: availableParallelism(), node: versions.node, pulumi: cli.version };
  return `${JSON.stringify({ at: new Date().toISOString(), machine, results: results.map((each) => ({ ...each, mark: markOf(each) })) }, null, 2)}\n`;
}
