import { describe, expect, it } from "vitest";
import { foreignText } from "../../base/safe-text.ts";
import { redactor } from "../../check/redact.ts";
import { cpuMsOf } from "../support/cpu-time.ts";

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
    ["in XML, in numbers", "p&#38;ss/w+rd &#034;%&#x3c;&#39;&#xE9;&gt;"],
    ["in XML, twice", "p&amp;amp;ss/w+rd &amp;quot;%&amp;lt;&amp;#39;é&amp;gt;"],
    ["percent-encoded in small letters", encodeURIComponent(secret).toLowerCase()],
    [
      "percent-encoded, each of its bytes",
      Buffer.from(secret)
        .toString("hex")
        .replace(/../g, (byte) => `%${byte}`),
    ],
    ["percent-encoded twice", encodeURIComponent(encodeURIComponent(secret))],
    ["in a form", encodeURIComponent(secret).replaceAll("%20", "+")],
    ["in JSON that is ASCII", JSON.stringify(secret).slice(1, -1).replace("é", "\\u00E9")],
    ["in JSON with its slash escaped", JSON.stringify(secret).slice(1, -1).replace("/", "\\/")],
    ["in JSON within JSON", JSON.stringify(JSON.stringify(secret)).slice(3, -3)],
    ["in JSON for markup", JSON.stringify(secret).slice(1, -1).replace("&", "\\u0026")],
    ["half encoded", secret.replace("/", "%2F").replace("&", "&amp;")],
    ["in base64 in a URL", encodeURIComponent(Buffer.from(secret).toString("base64"))],
    ["in hexadecimal", Buffer.from(secret).toString("hex").toUpperCase()],
  ])("%s", (_form, text) => {
    expect(redact(`a ${text} b ${text} c other d`)).toBe("a [secret] b [secret] c [secret] d");
  });

  it.each([":", "default:", "a:", "ab:", "abc:"])("in base64 behind %j, as a browser signs in", (before) => {
    const encoded = Buffer.from(`${before}${secret}`).toString("base64");
    const inside = Buffer.from(secret).toString("base64").slice(4, 16);
    expect(redact(encoded)).toContain("[secret]");
    expect(redact(encoded)).not.toContain(inside);
    // What is left holds less of it than a character.
    const left = redact(encoded).replace("[secret]", "");
    expect(Buffer.from(left, "base64").toString()).not.toContain(secret.slice(0, 3));
  });

  it("whatever it is made of, and however long it is", () => {
    for (const odd of ["\\\\", '\\"\\x', "%25%41", "&amp;#38;", "a\nb\tc", "🌍", "x".repeat(5000), "(.*)$"]) {
      const clean = redactor([odd]);
      const forms = [odd, encodeURIComponent(odd), JSON.stringify(odd).slice(1, -1)];
      for (const form of forms) expect(clean(`< ${form} >`), form.slice(0, 20)).toBe("< [secret] >");
    }
  });

  it("from the beginning of a text without an end, of which no half of it is kept", () => {
    const clean = redactor(["correct horse"]);
    for (let before = 19_000; before <= 20_010; before += 10) {
      const text = `${" ".repeat(before)}correct horse and so on${"y".repeat(1000)}`;
      expect(clean(text)).not.toMatch(/corr/);
    }
  });

  it("in time, whatever the text is made to cost", () => {
    const clean = redactor(["\\\\&&%%  aaaaaaaaaaaa"]);
    const tookMs = cpuMsOf(() => {
      for (const part of ["\\", "&amp;", "%25", "&#0000", "+", "a", " "]) clean(part.repeat(1_000_000));
    });
    expect(tookMs).toBeLessThan(4000);
  });

  it.each([
    ["backslashes", "\\\\\\\\\\\\"],
    ["percent signs", "%25%25%25%25"],
    ["ampersands", "&amp;&amp;&amp;"],
    ["one letter", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"],
  ])("made of %s only, in time, from the longest reply", (_name, made) => {
    const clean = redactor([made]);
    const tookMs = cpuMsOf(() => {
      for (const length of [200, 20_000]) {
        const text = clean(`${made.repeat(length / made.length)}x`);
        expect(text).toMatch(/^\[secret\]/);
      }
    });
    // It took minutes when the spellings of a character were tried one after the other.
    expect(tookMs).toBeLessThan(20_000);
  });

  it("of a few letters only as it is: in figures its encodings would be found by chance", () => {
    expect(redactor(["x"])("1.78 ms, eA==, 100% of x")).toBe("1.78 ms, eA==, 100% of [secret]");
    expect(redactor(["abc"])("616263 YWJj")).toBe("616263 [secret]");
    expect(redactor(["abcd"])("61626364 YWJjZA==")).toBe("[secret] [secret]");
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
