/**
 * The expression of a pattern in which `*` stands for any text. Each part is found where it first occurs after the one
 * before, and nowhere else is tried: with `.*` between them, the time grows with a power of the number of parts.
 *
 * @param parts between the `*`: expressions without groups, of which each matches texts of one length only
 */
export function globExpression(parts: readonly string[]): RegExp {
  const [first = '', ...rest] = parts;
  const last = rest.pop();
  const between = rest.map((part, index) => `(?=(.*?${part}))\\${index + 1}`);
  return new RegExp(`^${first}${between.join('')}${last === undefined ? '' : `.*${last}`}$`, 's');
}
