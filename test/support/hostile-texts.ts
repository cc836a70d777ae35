/** What a server, a file or a person may put where a report shows a text. */
export const HOSTILE_TEXTS: Readonly<Record<string, string>> = {
  "control characters": "a\u0000b\u0007c\u001b[31md\u007f\u009be\u202ef\ufeffg\ufffe\ud800h",
  "a pipeline's commands":
    "::error file=x::boom ##vso[task.setvariable variable=a]b ##[error]c\n::set-output name=a::b",
  markup: `<script>alert(1)</script><img src=x onerror=alert(1)> ]]> --> <![CDATA[ &amp; &#0; " ' </style>`,
  markdown: "| a | **b** [c](javascript:d) `e` ![f](http://g) @somebody #1 <!-- h\n# i",
  "line breaks": 'dev\r\nsecond\n# EOF\n"} 1\u2028third\\',
  "10 MB": "ü|<".repeat(3_500_000),
  nothing: "",
};

/** What no format may show, whatever it was given. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
export const UNCLEAN = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e\u2028\ufeff\ufffe]|^\s*::|##\w*\[/mu;
