import { expect, it } from "vitest";
import { commandLine, propiq, withOption } from "../../base/command.ts";

it("a repeated command has the new value of an option once, whichever way the old one was typed", () => {
  const longer = (...words: string[]) => commandLine(withOption(propiq(...words), "--deadline", "60"));
  const wanted = "./propiq-cache verify --app-name a --deadline 60";
  expect(longer("verify", "--app-name", "a")).toBe(wanted);
  expect(longer("verify", "--deadline", "5", "--app-name", "a")).toBe(wanted);
  expect(longer("verify", "--app-name", "a", "--deadline=5")).toBe(wanted);
});
