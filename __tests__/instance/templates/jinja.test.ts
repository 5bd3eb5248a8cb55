import { Callable } from '../../../src/instance/templates/jinja/values.ts';
import { renderJinja } from '../../../src/instance/templates/jinja.ts';
import { TemplateProblem } from '../../../src/instance/templates/template-files.ts';

const CONTEXT = {
  cookiecutter: { name: 'my school', flag: true, nothing: null, list: ['a', "it's"], map: { k: 1 } },
  env: new Callable('env', () => null),
};
const render = (source: string, options = {}) => renderJinja(source, CONTEXT, options);

/** What is wrong, with its line. */
function problem(source: string): string {
  try {
    return render(source);
  } catch (error) {
    if (!(error instanceof TemplateProblem)) throw error;
    return `${error.line ?? '?'}: ${error.message}`;
  }
}

describe('a template', () => {
  it.each([
    ['a\n', 'a\n'],
    ['a\n\n', 'a\n\n'],
    ['a\r\n{{ 1 }}\r\n', 'a\n1\n'],
    ['  {% if true %}\n x\n  {% endif %}\n', '  \n x\n  \n'],
    ['a\n  {%- if true -%}  \n x {%- endif %}\n', 'ax\n'],
    ['{# {{ nope }} -#}\n a', 'a'],
    ['{{+ 1 }}{%+ if true +%}b{% endif %}', '1b'],
    ['{% raw %}{{ a }}{% b %}"\\{% endraw %}!', '{{ a }}{% b %}"\\!'],
    ['a {%- raw -%} {{ a }} {%- endraw -%} b', 'a{{ a }}b'],
    ['{{ "}}" }}{{ {"a": {"b": 1}}["a"] }}', "}}{'b': 1}"],
  ])('keeps its white space as Jinja does: %j', (source, rendered) => expect(render(source)).toBe(rendered));

  it('loses white space around blocks where the options say so', () => {
    expect(render('  {% if true %}\n x\n  {% endif %}\n', { trimBlocks: true, lstripBlocks: true })).toBe(' x\n');
  });

  it.each([
    ['{{ cookiecutter.flag }} {{ not cookiecutter.flag }}', 'True False'],
    ['{{ cookiecutter.nothing }} {{ env("A") }} {{ env("A") or "b" }}', 'None None b'],
    ['{{ cookiecutter.list }} {{ cookiecutter.map }}', `['a', "it's"] {'k': 1}`],
    ['{{ 4 / 2 }} {{ 5 // 2 }} {{ 1.5 }}', '2.0 2 1.5'],
  ])('writes values as Python does: %s', (source, rendered) => expect(render(source)).toBe(rendered));

  it.each([
    ['{{ "abcdefghijkl" | truncate(7, True, "", 0) }}', 'abcdefg'],
    ['{{ "one two three four" | truncate(9) }}', 'one...'],
    ['{{ "one two three" | truncate(length=7, killwords=true, end="-", leeway=0) }}', 'one tw-'],
    ['{{ "short" | truncate }}', 'short'],
    ['{{ "--a-b--" | trim("-") }} {{ " x " | trim }}', 'a-b x'],
    ['{{ "É a_b" | slugify }} {{ "aB" | capitalize }}', 'e-a-b Ab'],
    ['{{ nope | default("x") }} {{ nope | d }}{{ "" | default("y", true) }}', 'x y'],
    ['{{ nope is defined }} {{ cookiecutter.nope is undefined }}', 'False True'],
    ['{% for i in range(2, 8, 2) %}{{ i }}{% endfor %}', '246'],
  ])('has the filters and tests of Jinja: %s', (source, rendered) => expect(render(source)).toBe(rendered));

  it.each([
    ['a\nb {{ nope }}', '2: nope is not defined'],
    ['\n\n{{ cookiecutter.nope.x }}', '3: cookiecutter.nope is not defined'],
    ['\n{% if cookiecutter.nope %}{% endif %}', '2: cookiecutter.nope is not defined'],
    ['\n{{ 1 + }}', '2: expected an expression, and found the end of the tag'],
    ['{{ }}', '1: expected an expression, and found the end of the tag'],
    ['\n{% if %}{% endif %}', '2: expected an expression, and found the end of the tag'],
    ['\n{% if true %}\n', '2: {% if %} has no end'],
    ['\n{% endfor %}', '2: {% endfor %} ends nothing'],
    ['{% if true %}\n{% endfor %}{% endif %}', '2: {% endfor %} ends nothing'],
    ['\n{{ a', '2: {{ is not closed by }}'],
    ['{# a', '1: a comment is not closed by #}'],
    ['\n{% raw %}', '2: {% raw %} has no end'],
    ["\n{% include 'x' %}", '2: {% include %} is a statement that is not supported'],
    ["{% now 'Mars/Base', '%Y' %}", '1: {% now %} knows the time zone utc here, not Mars/Base'],
    ['\n\n{{ "a" | nope }}', '3: the filter nope is not supported'],
    ['{{ range(999999) }}', '1: range(): gives at most 100000 numbers'],
    ['{{ "Школа" | slugify }}', '1: the filter slugify takes text in Latin letters only here'],
  ])('with a mistake has an error with its line: %j', (source, message) => expect(problem(source)).toBe(message));

  it.each([
    "{{ ''.constructor }}",
    "{{ ''['constructor'] }}",
    '{{ cookiecutter.constructor }}',
    '{{ cookiecutter.__proto__ }}',
    "{{ cookiecutter['__proto__'] }}",
    '{{ env.constructor("return process")() }}',
    '{{ env.call }}',
    '{{ [].constructor }}',
    '{{ (1).constructor }}',
    '{{ self }}',
    '{{ globalThis }}',
    '{{ process.env }}',
    '{{ this }}',
    '{{ __output__ }}',
    '{% set x = cookiecutter.constructor %}{{ x }}',
    '{{ cookiecutter | attr("constructor") }}',
    '{{ cookiecutter.map.get("__proto__").x }}',
  ])('reaches nothing of JavaScript: %s', (source) => {
    expect(() => render(source)).toThrow(TemplateProblem);
  });
});
