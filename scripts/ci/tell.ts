/**
 * `node scripts/ci/tell.ts NOTICE_FILE`: keeps one issue for each stack and kind of trouble: opens it, brings it
 * up to
 * date, closes it when all is well. Where a webhook is set, it hears of the first and the last. Without packages.
 * Environment: GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_TOKEN, WEBHOOK_URL.
 */

import { readFile } from "node:fs/promises";
import { say } from "../print.ts";
import { openGitHub } from "./github.ts";
import { issueMarker, parseNotice } from "./notice.ts";
import { postToWebhook } from "./webhook.ts";

const LABEL = "propiq-cache";

const [, , file = ""] = process.argv;
const notice = parseNotice(await readFile(file, "utf8"));
const github = openGitHub(process.env);
const open = (await github.issues(LABEL)).find(
  ({ by, body }) => by === "Bot" && body.startsWith(issueMarker(notice)),
);
const { title, lines, body } = notice;
if (notice.action === "alarm" && open === undefined) {
  const number = await github.openIssue({ title, body, labels: [LABEL] });
  say(`opened issue ${number}`);
  await postToWebhook(process.env["WEBHOOK_URL"], [title, ...lines, issueUrl(number)].join("\n"));
} else if (notice.action === "alarm" && open !== undefined) {
  await github.changeIssue(open.number, { title, body });
  say(`brought issue ${open.number} up to date`);
} else if (notice.action === "well" && open !== undefined) {
  await github.addComment(open.number, body);
  await github.changeIssue(open.number, { state: "closed" });
  say(`closed issue ${open.number}`);
  await postToWebhook(
    process.env["WEBHOOK_URL"],
    `Well again: ${notice.about} of stack ${notice.stack}\n${issueUrl(open.number)}`,
  );
} else {
  say("nothing to report");
}

function issueUrl(number: number): string {
  const { GITHUB_SERVER_URL = "https://github.com", GITHUB_REPOSITORY = "" } = process.env;
  return `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/issues/${number}`;
}
