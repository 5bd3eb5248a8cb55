import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** Width in pixels of a summary on GitHub's page of a run. */
export const WIDTH = 940;

/**
 * A page that shows Markdown as GitHub does: its style sheet, and Mermaid for the fences of that name. The page's title
 * is its height in pixels as soon as all is drawn, or names the error.
 *
 * @param packages directory of the packages that render
 */
export function pageOf(markdown: string, packages: string): string {
  const file = (...parts: string[]) => pathToFileURL(path.join(packages, ...parts)).href;
  return `<!doctype html>
<meta charset="utf-8">
<title>not drawn</title>
<link rel="stylesheet" href="${file('github-markdown-css', 'github-markdown-light.css')}">
<style>
  body { margin: 0; background: #fff; }
  .markdown-body { box-sizing: border-box; width: ${WIDTH}px; padding: 24px; }
  .markdown-body pre.mermaid { padding: 0; margin: 0; background: none; text-align: center; }
</style>
<article class="markdown-body"></article>
<script src="${file('marked', 'lib', 'marked.umd.js')}"></script>
<script src="${file('mermaid', 'dist', 'mermaid.min.js')}"></script>
<script type="module">
  try {
    const article = document.querySelector('article');
    article.innerHTML = marked.parse(${JSON.stringify(markdown).replaceAll('<', '\\u003c')});
    for (const code of article.querySelectorAll('code.language-mermaid')) {
      await mermaid.parse(code.textContent);
      code.parentElement.outerHTML = Object.assign(document.createElement('pre'), {
        className: 'mermaid', textContent: code.textContent,
      }).outerHTML;
    }
    mermaid.initialize({ startOnLoad: false, gantt: { useWidth: ${WIDTH - 48} } });
    await mermaid.run();
    document.title = String(Math.ceil(article.getBoundingClientRect().height));
  } catch (error) {
    document.title = 'error: ' + error;
  }
</script>
`;
}
