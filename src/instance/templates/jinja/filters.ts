import { type Bound, bind, REQUIRED, refuse, type Signature } from './arguments.ts';
import { formatPercent } from './format.ts';
import {
  batch,
  dictSort,
  extreme,
  type FilterContext,
  groupBy,
  join,
  map,
  pairsOf,
  select,
  selectField,
  slices,
  sort,
  sum,
  unique,
} from './list-filters.ts';
import {
  absolute,
  escapeHtml,
  fileSize,
  indent,
  round,
  slugify,
  sorted,
  stripTags,
  titleOf,
  toFloat,
  toInteger,
  toJson,
  truncate,
  urlEncode,
} from './scalar-filters.ts';
import { capitalize, lower, pad, replace, strip } from './strings.ts';
import { jsonOf, textOf } from './text.ts';
import {
  type Arguments,
  defined,
  Items,
  isTrue,
  iterate,
  lengthOf,
  Markup,
  Tuple,
  Undefined,
  type Value,
  valueOr,
} from './values.ts';

/** A filter's parameters after its value, and what it does. */
type Filter = readonly [Signature, (value: Value, args: Bound, context: FilterContext) => Value];

const NONE: Signature = {};
const ORDER: Signature = { reverse: false, case_sensitive: false, attribute: null };
const EXTREME: Signature = { case_sensitive: false, attribute: null };

/** Jinja's filters (https://jinja.palletsprojects.com/en/stable/templates/#list-of-builtin-filters), and cookiecutter's. */
const FILTERS: Readonly<Record<string, Filter>> = {
  upper: [NONE, (value) => textOf(value).toUpperCase()],
  lower: [NONE, (value) => lower(textOf(value))],
  capitalize: [NONE, (value) => capitalize(textOf(value))],
  title: [NONE, (value) => titleOf(textOf(value))],
  trim: [{ chars: null }, (value, args) => strip(textOf(value), args.optionalText(0), 'both')],
  string: [NONE, (value) => (value instanceof Markup ? value : textOf(value))],
  replace: [
    { old: REQUIRED, new: REQUIRED, count: null },
    (value, args) => replace(textOf(value), textOf(args.value(0)), textOf(args.value(1)), args.optionalInteger(2)),
  ],
  center: [{ width: 80n }, (value, args) => pad(textOf(value), args.integer(0), ' ', 'both')],
  truncate: [{ length: 255n, killwords: false, end: '...', leeway: 5n }, truncate],
  indent: [{ width: 4n, first: false, blank: false }, indent],
  wordcount: [NONE, (value) => BigInt(textOf(value).match(/[\p{L}\p{N}_]+/gu)?.length ?? 0)],
  format: [NONE, (value) => value],
  striptags: [NONE, (value) => stripTags(textOf(value))],
  urlencode: [NONE, urlEncode],
  escape: [NONE, (value) => (value instanceof Markup ? value : new Markup(escapeHtml(textOf(value))))],
  e: [NONE, (value) => (value instanceof Markup ? value : new Markup(escapeHtml(textOf(value))))],
  forceescape: [NONE, (value) => new Markup(escapeHtml(textOf(value)))],
  safe: [NONE, (value) => new Markup(textOf(value))],
  tojson: [{ indent: null }, (value, args) => toJson(value, args.optionalInteger(0))],
  jsonify: [{ indent: 4n }, (value, args) => jsonOf(sorted(value), args.optionalInteger(0))],
  slugify: [NONE, (value) => slugify(textOf(value))],
  int: [{ default: 0n, base: 10n }, toInteger],
  float: [{ default: 0 }, toFloat],
  abs: [NONE, absolute],
  round: [{ precision: 0n, method: 'common' }, round],
  filesizeformat: [{ binary: false }, fileSize],
  length: [NONE, lengthOf],
  count: [NONE, lengthOf],
  first: [NONE, (value) => valueOr(iterate(value)[0], new Undefined('the first item of an empty list'))],
  last: [NONE, (value) => valueOr(reversible(value).at(-1), new Undefined('the last item of an empty list'))],
  list: [NONE, (value) => [...iterate(value)]],
  reverse: [
    NONE,
    (value) => (typeof value === 'string' ? [...value].reverse().join('') : new Items(reversible(value).toReversed())),
  ],
  join: [{ d: '', attribute: null }, join],
  sort: [ORDER, (value, args, context) => sort(value, args, context)],
  unique: [EXTREME, unique],
  min: [EXTREME, (value, args, context) => extreme(value, args, context, -1)],
  max: [EXTREME, (value, args, context) => extreme(value, args, context, 1)],
  sum: [{ attribute: null, start: 0n }, sum],
  dictsort: [{ case_sensitive: false, by: 'key', reverse: false }, dictSort],
  items: [NONE, (value) => (value instanceof Undefined ? new Items([]) : new Items(pairsOf(value)))],
  batch: [{ linecount: REQUIRED, fill_with: null }, batch],
  slice: [{ slices: REQUIRED, fill_with: null }, slices],
  groupby: [{ attribute: REQUIRED, default: null, case_sensitive: false }, groupBy],
  attr: [{ name: REQUIRED }, () => refuse('attr')],
  default: [{ default_value: '', boolean: false }, (value, args) => fallback(value, args)],
  d: [{ default_value: '', boolean: false }, (value, args) => fallback(value, args)],
};

/** Filters that may be asked about a name that is not defined. */
export const LENIENT_FILTERS: ReadonlySet<string> = new Set(['default', 'd']);

/** @throws Error where there is no such filter, or where Jinja's could give another result */
export function applyFilter(name: string, value: Value, args: Arguments, context: FilterContext): Value {
  if (!LENIENT_FILTERS.has(name)) defined(value);
  if (name === 'map') return map(value, args, context);
  if (name === 'select' || name === 'reject') return select(value, args, context, name === 'select');
  if (name === 'selectattr' || name === 'rejectattr') return selectField(value, args, context, name === 'selectattr');
  if (name === 'format') {
    const right = args.named.size > 0 ? new Map<Value, Value>(args.named) : new Tuple(args.positional);
    return formatPercent(textOf(value), right);
  }
  const filter = Object.hasOwn(FILTERS, name) ? FILTERS[name] : undefined;
  if (filter === undefined) throw new Error(`the filter ${name} is not supported`);
  const [signature, body] = filter;
  return body(value, bind(args, signature), context);
}

function fallback(value: Value, args: Bound): Value {
  if (value instanceof Undefined) return args.value(0);
  return args.isTrue(1) && !isTrue(value) ? args.value(0) : value;
}

function reversible(value: Value): readonly Value[] {
  if (value instanceof Items && !value.isView) throw new Error('a generator cannot be reversed');
  return iterate(value);
}
