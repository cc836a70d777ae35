/**
 * `node scripts/ci/comment.ts CHANGE_FILE`: puts a preview on its pull request, in the one comment that is there
 * for it. Runs where no code of the pull request does, without packages: nothing here imports one.
 * Environment: GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_TOKEN, PULL_REQUEST, COMMIT.
 */

import { readFile } from "node:fs/promises";
import { say } from "../print.ts";
import { type Change, parseChange } from "./change.ts";
import { openGitHub } from "./github.ts";
import { markerOf, previewComment } from "./preview-comment.ts";

const [, , file = ""] = process.argv;
const change = await changeIn(file);
const number = Number(process.env["PULL_REQUEST"]);
if (!Number.isInteger(number) || number < 1) throw new Error("PULL_REQUEST: the number of one is wanted.");
const body = previewComment(change, process.env["COMMIT"] ?? "");
const github = openGitHub(process.env);
// Of a job's own: another user's comment with the marker is not changed.
const own = (await github.comments(number)).find(
  (comment) => comment.by === "Bot" && comment.body.startsWith(markerOf(change.stack)),
);
if (own === undefined) await github.addComment(number, body);
else await github.changeComment(own.id, body);
say(own === undefined ? "commented" : "the comment was brought up to date");

async function changeIn(path: string): Promise<Change> {
  try {
    return parseChange(await readFile(path, "utf8"));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`The preview's job left nothing that can be shown (${why}): its own log says more.`);
  }
}
