/** `runtime.options` of Pulumi.yaml. */
import type struct from "google-protobuf/google/protobuf/struct_pb.js";

export interface RuntimeOptions {
  /** Whether the SDK is to load ts-node; Pulumi's default. */
  typescript: boolean;
  tsconfig?: string;
  nodeargs: string[];
}

/** @throws Error in the words of Pulumi's own host */
export function runtimeOptions(options: struct.Struct | undefined): RuntimeOptions {
  const { typescript = true, tsconfig, nodeargs = "" } = options?.toJavaScript() ?? {};
  if (typeof typescript !== "boolean") throw new Error("typescript option must be a boolean");
  if (tsconfig !== undefined && typeof tsconfig !== "string") {
    throw new Error("tsconfigpath option must be a string");
  }
  if (typeof nodeargs !== "string") throw new Error("nodeargs option must be a string");
  return {
    typescript,
    ...(tsconfig === undefined ? {} : { tsconfig }),
    nodeargs: splitWords(nodeargs),
  };
}

/** The variables by which `@pulumi/pulumi/cmd/run` and its likes learn of them. */
export function optionVariables({ typescript, tsconfig }: RuntimeOptions): Record<string, string> {
  return {
    ...(typescript ? { PULUMI_NODEJS_TYPESCRIPT: "true" } : {}),
    ...(tsconfig ? { PULUMI_NODEJS_TSCONFIG_PATH: tsconfig } : {}),
  };
}

/**
 * Splits as a shell would, without its expansions: blanks part words, quotes and backslashes keep them together.
 * @throws Error when a quote is not closed
 */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  const pattern = /\s*((?:[^\s"'\\]|\\.|'[^']*'|"(?:[^"\\]|\\.)*")+)/gsy;
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    words.push(unquote(match[1] ?? ""));
    end = (match.index ?? 0) + match[0].length;
  }
  if (text.slice(end).trim() !== "") throw new Error(`nodeargs option has an open quote: ${text}`);
  return words;
}

function unquote(word: string): string {
  return word.replace(
    /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/gs,
    (_all, single, double, escaped) =>
      single ?? (double === undefined ? escaped : double.replace(/\\(["\\$`])/g, "$1")),
  );
}
