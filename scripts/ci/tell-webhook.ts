/**
 * `node scripts/ci/tell-webhook.ts NOTICE_FILE`: informs a webhook about the first alarm and its end, where there
 * are no
 * issues to keep. Environment: WEBHOOK_URL (nothing is sent without one), RUN_URL.
 */

import { readFile } from "node:fs/promises";
import { say } from "../print.ts";
import { parseNotice } from "./notice.ts";
import { postToWebhook } from "./webhook.ts";

const [, , file = ""] = process.argv;
const notice = parseNotice(await readFile(file, "utf8"));
const { WEBHOOK_URL, RUN_URL = "" } = process.env;
const words =
  notice.action === "alarm"
    ? [notice.title, ...notice.lines]
    : [`Well again: ${notice.about} of stack ${notice.stack}`];
// Azure Pipelines hands over the name in brackets of a variable that nobody has set.
const url = WEBHOOK_URL?.startsWith("$(") ? undefined : WEBHOOK_URL;
if (notice.turned) await postToWebhook(url, [...words, RUN_URL].join("\n"));
else say("nothing new to report");
