/**
 * Takes secrets out of a text, in every form in which a server or a format may hand them on.
 * @param secrets empty ones are ignored
 */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const forms = [...new Set(secrets.flatMap(formsOf))].filter((form) => form !== "");
  // The longest first: else what is left of a longer form would give away the rest.
  const longestFirst = forms.toSorted((a, b) => b.length - a.length);
  return (text) => longestFirst.reduce((clean, form) => clean.replaceAll(form, "[secret]"), text);
}

function formsOf(secret: string): string[] {
  const base64 = Buffer.from(secret).toString("base64");
  return [
    secret,
    encodeURIComponent(secret),
    encodeURI(secret),
    base64,
    base64.replace(/=+$/, ""),
    Buffer.from(secret).toString("base64url"),
    JSON.stringify(secret).slice(1, -1),
    xmlEscaped(secret),
    xmlEscaped(secret).replaceAll("&#39;", "&apos;"),
  ];
}

function xmlEscaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
