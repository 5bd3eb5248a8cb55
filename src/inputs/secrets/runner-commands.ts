/**
 * What comes from a pod or a server must not be taken for a command to GitHub's runner, which reads `::name::` at the
 * start of a line and `##[name]` anywhere (actions/runner, ActionCommand.cs): a zero-width space breaks them up.
 */
export function withoutCommands(text: string): string {
  return text.replace(/^(\s*):(?=:)/gm, '$1:\u200b').replaceAll('##[', '##\u200b[');
}
