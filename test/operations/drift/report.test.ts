import { readFileSync } from "node:fs";
import { join } from "node:path";
import { XmlDocument, type XmlElement, XsdValidator } from "libxml2-wasm";
import { afterAll, describe, expect, it } from "vitest";
import { advice, adviceText } from "../../../base/advice.ts";
import { pulumi } from "../../../base/command.ts";
import { driftReport, type Place, type Unasked } from "../../../operations/drift/finding.ts";
import { renderDriftJunit } from "../../../operations/drift/junit.ts";
import { handsOff, swapAdvice } from "../../../operations/drift/next-steps.ts";
import { renderDrift } from "../../../operations/drift/text.ts";
import { HOSTILE_TEXTS, UNCLEAN } from "../../support/hostile-texts.ts";

const schema = XmlDocument.fromString(
  readFileSync(join(import.meta.dirname, "..", "..", "support", "junit.xsd"), "utf8"),
);
const validator = XsdValidator.fromDoc(schema);
afterAll(() => {
  validator.dispose();
  schema.dispose();
});

const NOW = new Date("2026-11-24T02:00:00Z");
const aPlace = (given: Partial<Place> = {}): Place => ({
  kind: "resource",
  name: "Azure Cache for Redis one",
  urn: "urn:1",
  findings: [],
  notes: [],
  ...given,
});
const aFinding = (text = "somebody has changed it") => ({
  code: "CHANGED" as const,
  words: text,
  keys: [{ name: text, change: "changed" as const }],
  advice: advice(text, pulumi("prod", "up", "--refresh")),
});
const report = (places: Place[], notAsked: Unasked[] = []) => driftReport("prod", NOW, { places, notAsked });

describe("the verdict", () => {
  const unasked = [{ name: "two", why: "no rights", advice: advice("get some") }];
  it.each([
    ["none", report([aPlace()])],
    ["drift", report([aPlace({ findings: [aFinding()] })])],
    ["unknown", report([aPlace()], unasked)],
    // What was found is an answer, whatever else could not be asked.
    ["drift", report([aPlace({ findings: [aFinding()] })], unasked)],
  ])("is %s", (verdict, given) => {
    expect(given.verdict).toBe(verdict);
  });
});

describe("the text", () => {
  it("says what differs first, with commands and snippets unbroken, then what is correct", () => {
    const snippet = handsOff(["REDIS_URL"], { app: "shop" });
    const text = renderDrift(
      report(
        [
          aPlace({ notes: ["adopted"] }),
          aPlace({ kind: "app", name: "App Service shop", findings: [{ ...aFinding(), snippet }] }),
        ],
        [{ name: "Upstash database two", why: "no key", advice: advice("Set UPSTASH_API_KEY.") }],
      ),
      60,
    );
    for (const line of snippet.split("\n")) expect(text).toContain(`\n    ${line}\n`);
    expect(text).toMatch(/^✘ drift {2}stack prod: .*\n\n✘ App Service shop\n {2}CHANGED: somebody/);
    expect(text).toMatch(
      /\? Upstash database two\n {2}no key\n {4}Set UPSTASH_API_KEY\.\n\n✔ Azure Cache for Redis one\n {2}· adopted\n$/,
    );
    expect(text).not.toMatch(/undefined|NaN/);
  });

  it.each(Object.entries(HOSTILE_TEXTS))("shows no text of others as it came: %s", (_, hostile) => {
    const place = aPlace({ name: hostile || "x", findings: [aFinding(hostile)], notes: [hostile] });
    const text = renderDrift(report([place], [{ name: "n", why: hostile, advice: advice(hostile) }]), 80);
    for (const line of text.split("\n")) expect(line).not.toMatch(UNCLEAN);
  });
});

describe("the JUnit file", () => {
  it("has a test for each thing that was compared, and is valid", () => {
    const both = [aFinding(), { ...aFinding(), code: "NOT_STICKY" as const }];
    const text = renderDriftJunit(
      report(
        [aPlace({ notes: ["adopted"] }), aPlace({ name: "shop", findings: both })],
        [{ name: "two", why: "no rights", advice: advice("get some") }],
      ),
    );
    const document = XmlDocument.fromString(text);
    validator.validate(document);
    const content = (path: string) => (document.find(path) as XmlElement[]).map((found) => found.content);
    expect(content("//testsuite/@tests | //testsuite/@failures | //testsuite/@errors").toSorted()).toEqual([
      ...["1", "2", "4"],
    ]);
    expect(content("//testcase/@name")).toEqual([
      "Azure Cache for Redis one",
      "shop: CHANGED",
      "shop: NOT_STICKY",
      "two",
    ]);
    expect(content("//failure/@type")).toEqual(["CHANGED", "NOT_STICKY"]);
    expect(content("//system-out")).toEqual(["Azure Cache for Redis one: adopted"]);
  });

  it.each(Object.entries(HOSTILE_TEXTS))("cannot be broken by %s", (_, hostile) => {
    const place = aPlace({ name: hostile || "x", findings: [aFinding(hostile)], notes: [hostile] });
    const text = renderDriftJunit(
      report([place], [{ name: hostile || "x", why: hostile, advice: advice(hostile) }]),
    );
    validator.validate(XmlDocument.fromString(text));
  });
});

describe("the commands that revert a swap", () => {
  const place = { app: "shop", resourceGroup: "g" };
  it.each([
    ["production, swapped with a slot", place, "next", "--slot next --target-slot production"],
    [
      "a slot, swapped with production",
      { ...place, slot: "next" },
      "production",
      "--slot next --target-slot production",
    ],
    ["a slot, swapped with another", { ...place, slot: "next" }, "blue", "--slot next --target-slot blue"],
  ])("are complete for %s", (_, where, other, words) => {
    expect(adviceText(swapAdvice("prod", where, other))).toContain(
      `Run: az webapp deployment slot swap --name shop --resource-group g ${words}\n`,
    );
  });
});
