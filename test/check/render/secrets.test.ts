import { expect, it } from "vitest";
import { checkCache } from "../../../check/check.ts";
import { historyPage } from "../../../check/history/page.ts";
import { pastRun } from "../../../check/history/past-run.ts";
import { reportSet } from "../../../check/report-set.ts";
import { HISTORY_RENDERERS, RENDERERS } from "../../support/renderers.ts";
import { error, startRespServer } from "../../support/resp-server.ts";

const password = `s3cr%t/+ =&é"'<x>|_*`;
const encoded = [
  password,
  encodeURIComponent(password),
  Buffer.from(password).toString("base64"),
  JSON.stringify(password).slice(1, -1),
  password.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;"),
];
const MEANT = "s3cr";

it.each(["PING", "SET", "GET", "DEL", "INFO", "AUTH", "HELLO"])(
  "a server that answers %s with the password gets it into no format",
  async (command) => {
    const server = await startRespServer({ [command]: error(`ERR ${encoded.join(" and ")}`) });
    const target = { host: "127.0.0.1", port: server.port, tls: false, db: 0, password };
    const report = await checkCache({ enabled: true, target }, { deadlineMs: 2000 });
    await server.stop();
    const set = reportSet([report], new Date());
    const history = historyPage({ runs: [pastRun(report, set.generatedAt)], skippedLines: 0 }, new Date());
    const texts = [
      ...Object.values(RENDERERS).map((render) => render(set, { color: true, width: 80, history })),
      ...Object.values(HISTORY_RENDERERS).map((render) => render(history)),
      JSON.stringify(pastRun(report, set.generatedAt)),
    ];
    for (const text of texts) {
      for (const form of [...encoded, MEANT]) expect(text).not.toContain(form);
    }
  },
);
