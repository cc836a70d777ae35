import { expect, it } from "vitest";
import { installMissing, type MachinePart } from "./machine-parts.ts";

/** Two parts that note what is done with them, and the lines that the user sees. */
function machine(missing: { server: boolean; browser: boolean }) {
  const done: string[] = [];
  const part = (name: string, isMissing: boolean, more: Partial<MachinePart> = {}): MachinePart => ({
    name,
    usedBy: [],
    isMissing: async () => isMissing,
    install: { say: `how ${name} is installed`, run: async () => done.push(`installs ${name}`) },
    ...more,
  });
  const parts = [
    part("a server", missing.server),
    part("a browser", missing.browser, { pipelineOnly: true }),
  ];
  return { done, parts, say: (line: string) => void done.push(line) };
}

const SAID = ["These tests need, and this machine does not have:", "  a server: how a server is installed"];

it("says what it will install before it does, and does not ask where no terminal exists", async () => {
  const { done, parts, say } = machine({ server: true, browser: true });
  await installMissing(parts, { say, isPipeline: false });
  expect(done).toEqual([...SAID, "installs a server"]);
});

it("asks at a terminal, and installs nothing after the answer no", async () => {
  const { done, parts, say } = machine({ server: true, browser: false });
  const ask = async (question: string) => {
    done.push(question);
    return false;
  };
  await expect(installMissing(parts, { say, isPipeline: false, ask })).rejects.toMatchObject({
    hint: expect.stringContaining("npm run test:unit"),
  });
  expect(done).toEqual([...SAID, "Install them now?"]);
});

it("installs after the answer yes", async () => {
  const { done, parts, say } = machine({ server: true, browser: false });
  await installMissing(parts, { say, isPipeline: false, ask: async () => true });
  expect(done).toEqual([...SAID, "installs a server"]);
});

it("installs what only a pipeline needs only in a pipeline", async () => {
  const { done, parts, say } = machine({ server: false, browser: true });
  await installMissing(parts, { say, isPipeline: true });
  expect(done).toContain("installs a browser");
});

it("says nothing on a machine that has everything", async () => {
  const { done, parts, say } = machine({ server: false, browser: false });
  await installMissing(parts, { say, isPipeline: true });
  expect(done).toEqual([]);
});
