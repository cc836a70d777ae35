/** Merely reads and parses a history. */
import { readFile } from "node:fs/promises";

const text = await readFile(process.argv[2] ?? "", "utf8");
const runs = text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as object]));
console.log(runs.length);
