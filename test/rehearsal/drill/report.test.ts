import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { XmlDocument, type XmlElement, XsdValidator } from "libxml2-wasm";
import { parse } from "valibot";
import { describe, expect, it } from "vitest";
import { FAULTS } from "../../../rehearsal/drill/faults.ts";
import { judge, type Observation } from "../../../rehearsal/drill/judge.ts";
import { render } from "../../../rehearsal/drill/render/formats.ts";
import type { DrillReport, FaultResult } from "../../../rehearsal/drill/report.ts";
import { DRILL_REPORT_SCHEMA } from "../../../rehearsal/drill/report-schema.ts";
import { failed, passed, repeatCommand, skipped } from "../../../rehearsal/drill/words.ts";
import { drillSchema } from "../../../scripts/docs/json-schema.ts";
import { anObservation, answered, REFERENCE, times } from "./samples.ts";

const COMMAND = ["node", "server.js", "--name=it's"];
const REPEAT = { command: COMMAND, requests: ["/users/1"], faultSeconds: 10, limitMs: 100 };
const PLAIN = { color: false, width: 100 };

function resultOf(seen: Observation): FaultResult {
  const { code, ...judgement } = judge(seen, REFERENCE, 100);
  if (code === undefined) return passed(seen, judgement);
  return failed(seen, { ...judgement, code }, repeatCommand(seen.fault, REPEAT));
}

const lastLine = 'Error: connect <b>"&]]> ::error::boo';
const RESULTS = [
  resultOf(anObservation({ fault: "down" })),
  resultOf(anObservation({ fault: "hang", during: times(200, answered(2500)) })),
  resultOf(anObservation({ fault: "slow", during: times(200, answered(310)) })),
  resultOf(anObservation({ fault: "drop", death: { code: 1, signal: null, afterMs: 100, lastLine } })),
  resultOf(anObservation({ fault: "full", during: times(160, answered(5, 500)) })),
  skipped("garbage"),
];

function aReport(faults: FaultResult[] = RESULTS): DrillReport {
  return {
    schema: 1,
    generatedAt: "2026-11-25T21:00:00.000Z",
    verdict: faults.every(({ verdict }) => verdict === "passed") ? "passed" : "failed",
    command: "node server.js",
    durationMs: 150_000,
    faultSeconds: 10,
    limitMs: 100,
    requests: ["http://127.0.0.1:8080/users/1"],
    withoutCache: { p50Ms: 10, p99Ms: 20 },
    baseline: { p50Ms: 1, p99Ms: 3, commandsPerRequest: 1.05 },
    faults,
    notes: ["A note."],
  };
}

describe("the words of a result", () => {
  it("say what users would have seen", () => {
    expect(RESULTS.map(({ observed }) => observed)).toEqual([
      "No request failed, and none waited for Redis.",
      "For 10 s a typical request took 2.5 s, the slowest 2.5 s: the app waits for its cache. Up to 120 ms is allowed.",
      "For 10 s a typical request took 310 ms, the slowest 310 ms: the app waits for its cache. Up to 120 ms is allowed.",
      `The app ended 100 ms after the fault began (exit code 1: "${lastLine}"). Users reach nothing until it is started again.`,
      "160 of 160 requests failed (HTTP 500): users see errors.",
      "Not tried: the app could not be started again with a working cache.",
    ]);
  });

  it("count an answer that came too late as none, and advise against the waiting", () => {
    const late = resultOf(anObservation({ during: times(200, answered(12_500)) }));
    expect(late).toMatchObject({
      code: "REQUESTS_FAILED",
      observed: "200 of 200 requests failed (no answer in time): users see errors.",
      clientSettings: { "node-redis": "disableOfflineQueue: true" },
    });
  });

  it("name the likely missing setting of four clients", () => {
    const hang = RESULTS[1];
    expect(hang?.verdict === "failed" && hang.clientSettings).toEqual({
      ioredis: "commandTimeout: 50",
      "node-redis": expect.stringContaining("Promise.race"),
      "redis-py": "socket_timeout=0.05, retry=Retry(NoBackoff(), 0)",
      "StackExchange.Redis": "asyncTimeout=50, syncTimeout=50",
    });
  });

  it("repeat one fault with a line that a shell takes", () => {
    expect(repeatCommand("hang", { ...REPEAT, limitMs: 50, envFilePath: ".env" })).toBe(
      './propiq-cache drill --faults hang --request /users/1 --limit-ms 50 --env-file .env -- node server.js "--name=it\'s"',
    );
  });
});

describe("every format", () => {
  it.each(["text", "json", "junit", "markdown"] as const)(
    "%s names each fault and has no missing values",
    (format) => {
      const text = render(aReport(), format, PLAIN);
      for (const { fault } of RESULTS) expect(text).toContain(fault);
      expect(text).not.toMatch(/undefined|NaN|\[object/);
      expect(text.endsWith("\n")).toBe(true);
    },
  );

  it("text says each remedy once, for all of its faults", () => {
    const text = render(aReport(), "text", PLAIN);
    expect(text).toContain("4 of 6 faults would have hit users: hang, slow, drop, full. Not tried: garbage.");
    expect(text).toContain("→ hang, slow: Limit how long");
    expect(text.match(/commandTimeout: 50/g)).toHaveLength(1);
  });

  it("text of a sound app fits a screen", () => {
    const text = render(aReport(FAULTS.map((fault) => resultOf(anObservation({ fault })))), "text", PLAIN);
    expect(text.split("\n").length).toBeLessThan(24);
    expect(text).toContain("12 faults survived without impact on users.");
  });

  it("json is what the schema in docs says", () => {
    const report: unknown = JSON.parse(render(aReport(), "json", PLAIN));
    expect(parse(DRILL_REPORT_SCHEMA, report)).toEqual(report);
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(
      JSON.parse(drillSchema()),
    );
    expect([validate(report), validate.errors]).toEqual([true, null]);
    expect(validate({ ...aReport(), verdict: "fine" })).toBe(false);
  });

  it("junit has a test for each fault, and only the failed ones fail", () => {
    const schema = XmlDocument.fromString(
      readFileSync(join(import.meta.dirname, "..", "..", "support", "junit.xsd"), "utf8"),
    );
    const document = XmlDocument.fromString(render(aReport(), "junit", PLAIN));
    XsdValidator.fromDoc(schema).validate(document);
    const values = (path: string) => (document.find(path) as XmlElement[]).map(({ content }) => content);
    expect(values("//testcase/@name")).toEqual(["down", "hang", "slow", "drop", "full", "garbage"]);
    expect(values("//failure/@type")).toEqual([
      "REQUESTS_SLOW",
      "REQUESTS_SLOW",
      "APP_DIED",
      "REQUESTS_FAILED",
    ]);
    expect(values("//testcase[skipped]/@name")).toEqual(["garbage"]);
  });

  it("markdown shows the app's words as they are, and interprets none of them as markup", () => {
    const text = render(aReport(), "markdown", PLAIN);
    expect(text).toContain("\\<b\\>");
    expect(text).not.toContain("::error::");
  });
});
