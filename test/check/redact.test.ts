import { describe, expect, it } from "vitest";
import { foreignText } from "../../check/foreign-text.ts";
import { redactor } from "../../check/redact.ts";

const secret = `p&ss/w+rd "%<'é>`;
const redact = redactor([secret, "", "other"]);

describe("a secret is taken out of a text", () => {
  it.each([
    ["raw", secret],
    ["percent-encoded", encodeURIComponent(secret)],
    ["in base64", Buffer.from(secret).toString("base64")],
    ["in base64 for URLs", Buffer.from(secret).toString("base64url")],
    ["in JSON", JSON.stringify(secret).slice(1, -1)],
    ["in XML", "p&amp;ss/w+rd &quot;%&lt;&#39;é&gt;"],
    ["in XML, the apostrophe by name", "p&amp;ss/w+rd &quot;%&lt;&apos;é&gt;"],
  ])("%s", (_form, text) => {
    expect(redact(`a ${text} b ${text} c other d`)).toBe("a [secret] b [secret] c [secret] d");
  });

  it("and nothing else is, not even with an empty secret", () => {
    expect(redactor([""])("as it was")).toBe("as it was");
  });

  it("whole, where one secret begins like another", () => {
    expect(redactor(["abc", "abcdef"])("abcdef")).toBe("[secret]");
  });
});

describe("a foreign text", () => {
  const plain = (text: string) => foreignText(text, (same) => same);

  it("loses what would move the cursor, colour a terminal or turn the writing around", () => {
    expect(plain("a\u001b[31mb\r\nc\u0000d\u202ee\u2028f\u009bg")).toBe("a [31mb c d e f g");
  });

  it("keeps letters of all languages, and pictures", () => {
    expect(plain("Grüße 世界 🌍")).toBe("Grüße 世界 🌍");
  });

  it("is cut after 200 characters, never inside one", () => {
    expect(plain("🌍".repeat(300))).toBe(`${"🌍".repeat(199)}…`);
    expect(plain("x".repeat(200))).toBe("x".repeat(200));
  });

  it("does not hand on a secret with something put in between", () => {
    expect(foreignText("sec\u0000ret", redactor(["sec ret"]))).toBe("[secret]");
    expect(foreignText(`${"x".repeat(195)}secret`, redactor(["secret"]))).not.toContain("sec");
  });
});
