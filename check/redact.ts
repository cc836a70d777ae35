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
    ...xmlForms(secret),
  ];
}

/** In text quotes may stay as they are, and for one of them there are two ways to escape it. */
function xmlForms(secret: string): string[] {
  const text = secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const quoted = text.replaceAll('"', "&quot;");
  return [text, quoted, quoted.replaceAll("'", "&#39;"), quoted.replaceAll("'", "&apos;")];
}
