/** Colours of the log: GitHub shows ANSI's in both of its themes. */

export function green(text: string): string {
  return `\u001b[32m${text}\u001b[0m`;
}

export function red(text: string): string {
  return `\u001b[31m${text}\u001b[0m`;
}
