/**
 * A terminal with a shell in it, for a user who pastes commands out of a document: one bash for all of them, so
 * that what one exports the next one sees; questions are answered as a person would.
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";

export interface Entered {
  code: number;
  /** All that stood on the screen, without its colours. */
  text: string;
}
/** What is typed when this appears; `/^$/` is typed at once, for what asks without a word. */
export interface Reply {
  on: RegExp;
  type: string;
  /** It may be asked more than once; else a question that is drawn anew counts as the same one. */
  again?: boolean;
}
export interface Terminal {
  /** Types a command, answers what it asks, and waits for its end. */
  enter(command: string, replies?: readonly Reply[]): Promise<Entered>;
  close(): Promise<void>;
}

/** Between the screen's text and how a command ended: no program prints it. */
const MARK = "\u001e";
const PATIENCE_MS = 60_000;

/** Reads whole commands from a pipe of its own: those that read from the terminal get none of them. */
const SHELL = `
exec 3<"$1"
stty cols 160 rows 50 -echo
while IFS= read -r -d '' -u 3 command; do
  eval "$command" 3<&-
  printf '${MARK}%s${MARK}' "$?"
done
`;

export async function openTerminal(cwd: string, env: Readonly<Record<string, string>>): Promise<Terminal> {
  const folder = await mkdtemp(join(tmpdir(), "propiq-terminal-"));
  const [pipe, shell] = [join(folder, "commands"), join(folder, "shell.sh")];
  execFileSync("mkfifo", [pipe]);
  await writeFile(shell, SHELL);
  // util-linux's, which every Linux has.
  const child = spawn("script", ["-qfec", `bash --noprofile --norc ${shell} ${pipe}`, "/dev/null"], {
    cwd,
    env: { ...env, TERM: "xterm", SHELL: "/bin/bash" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  let screen = "";
  let changed = () => {};
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    screen += chunk;
    changed();
  });
  const commands = createWriteStream(pipe);
  await once(commands, "open");

  return {
    async enter(command, replies = []) {
      screen = "";
      let answered = 0;
      const used = new Set<Reply>();
      const { promise, resolve, reject } = Promise.withResolvers<Entered>();
      const giveUp = setTimeout(
        () => reject(new Error(`no end after ${PATIENCE_MS / 1000} s:\n${command}\n${readable(screen)}`)),
        PATIENCE_MS,
      );
      changed = () => {
        const asked = stripVTControlCharacters(screen.slice(answered));
        const reply = replies.find((each) => each.on.test(asked) && !used.has(each));
        if (reply !== undefined) {
          if (reply.again !== true) used.add(reply);
          answered = screen.length;
          child.stdin.write(reply.type);
        }
        const [, text, code] = new RegExp(`^([\\s\\S]*)${MARK}(\\d+)${MARK}`).exec(screen) ?? [];
        if (text !== undefined) resolve({ code: Number(code), text: readable(text) });
      };
      commands.write(`${command}\0`);
      changed();
      try {
        return await promise;
      } finally {
        clearTimeout(giveUp);
        changed = () => {};
      }
    },
    async close() {
      commands.end();
      child.stdin.end();
      if (child.exitCode === null) {
        setTimeout(() => child.kill("SIGKILL"), 5000).unref();
        await once(child, "exit");
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A terminal's text as lines: what a program wrote over is what stays. */
function readable(screen: string): string {
  return stripVTControlCharacters(screen)
    .replaceAll("\r\n", "\n")
    .replace(/^.*\r(?!\n)/gm, "");
}
