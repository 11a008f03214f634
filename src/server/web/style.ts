import { createHash } from 'node:crypto';

/** The style of all pages: one column, tables that become lists below 48rem, dark as the reader's system is. */
export const STYLE = `
:root{color-scheme:light dark;--text:#1c2430;--faint:#5b6675;--line:#d5dae1;--back:#fff;--soft:#f4f5f7;--link:#0b57d0;--bad:#b3261e;--warn:#8a5300;--good:#1b6e3c}
@media(prefers-color-scheme:dark){:root{--text:#e4e7eb;--faint:#9aa5b1;--line:#39424e;--back:#14181d;--soft:#20262d;--link:#8ab4f8;--bad:#ff8a80;--warn:#ffc069;--good:#7ddc9a}}
*{box-sizing:border-box}
body{font:16px/1.5 system-ui,sans-serif;max-width:80rem;margin:0 auto;padding:0 1rem 2rem;color:var(--text);background:var(--back);overflow-wrap:anywhere}
a{color:var(--link)}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
main:focus{outline:0}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:.5rem;background:var(--back);padding:.5rem}
header{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;align-items:baseline;padding:.75rem 0;border-bottom:1px solid var(--line)}
.name{font-size:1.25rem}
header ul{display:flex;flex-wrap:wrap;gap:.25rem 1rem;list-style:none;margin:0;padding:0}
header nav a{display:inline-block;padding:.25rem 0}
a[aria-current]{font-weight:600;color:var(--text);text-decoration:none;border-bottom:2px solid var(--link)}
.account{margin-left:auto}
footer{display:flex;flex-wrap:wrap;gap:.25rem 1rem;margin-top:3rem;padding-top:.75rem;border-top:1px solid var(--line);color:var(--faint);font-size:.875rem}
h1{font-size:1.5rem;margin:1.25rem 0 .5rem}h2{font-size:1.2rem;margin:2rem 0 .5rem}h3{font-size:1rem;margin:1.25rem 0 .25rem}
table{border-collapse:collapse}td,th{padding:.3rem 1rem .3rem 0;text-align:left;vertical-align:top}
.list,.alerts{width:100%}.list tbody tr,.alerts tbody tr{border-top:1px solid var(--line)}
.list th,.alerts th{white-space:nowrap}.list td,.alerts td{overflow-wrap:anywhere}
.state th{width:11rem}
@media(min-width:48rem){.alerts th:nth-child(3){width:34%}.alerts th:nth-child(5){width:22%}.alerts td:nth-child(4) time{white-space:nowrap}}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.alarming{color:var(--bad);font-weight:600}.warning{color:var(--warn);font-weight:600}.informative{font-weight:600}
.faint{color:var(--faint)}.bad{color:var(--bad)}.good{color:var(--good)}
pre{background:var(--soft);padding:.6rem;white-space:pre-wrap;overflow:auto;max-height:30rem;margin:.5rem 0}
.cards{display:flex;flex-wrap:wrap;gap:.75rem;list-style:none;margin:.5rem 0;padding:0}
.cards li{border:1px solid var(--line);border-radius:.4rem;padding:.5rem .9rem;min-width:7rem}
.cards strong{display:block;font-size:1.5rem;line-height:1.2}
.labels{display:flex;flex-wrap:wrap;gap:.35rem;list-style:none;margin:.25rem 0;padding:0}
.labels li{background:var(--soft);border-radius:.3rem;padding:.05rem .5rem;font-size:.9rem}
form.search{display:flex;flex-wrap:wrap;gap:.5rem;align-items:end;margin:.75rem 0}
label{display:block}
.field{margin:.75rem 0;max-width:48rem}.field>label{font-weight:600}
fieldset{border:1px solid var(--line);border-radius:.4rem;margin:.75rem 0;max-width:48rem}
fieldset label{display:inline-block;margin-right:1rem;padding:.2rem 0}
input,select,textarea,button{font:inherit;color:inherit;background:var(--back);border:1px solid var(--faint);border-radius:.3rem;padding:.35rem .6rem}
input[type=search],.field input:not([type=radio]),textarea{width:100%}
.search .wide{flex:1 1 22rem}
button,.button{cursor:pointer;background:var(--soft);display:inline-block;border:1px solid var(--faint);border-radius:.3rem;padding:.35rem .9rem;text-decoration:none;color:var(--text)}
button.main,.button.main{background:var(--link);color:var(--back);border-color:var(--link)}
.pager{display:flex;gap:1rem;margin:1rem 0}
.note{border-left:4px solid var(--link);background:var(--soft);padding:.5rem .9rem;margin:.75rem 0}
.note.problem{border-color:var(--bad)}
.story{padding-left:1.2rem}.story>li{margin:.75rem 0}
.lines{list-style:none;padding:0}.lines li{padding:.15rem 0}
.lines .decided{font-weight:600}
.chart{min-height:18rem;margin:.75rem 0}.chart img{max-width:100%;height:auto}@media(scripting:none){.chart{min-height:0}}
.chart .u-legend{text-align:left}
.look{width:100%;height:34rem;border:1px solid var(--line);border-radius:.4rem;resize:vertical;background:#fff}
.row{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center;margin:.5rem 0}
.row form,.note form{margin:0}.inline{display:flex;flex-wrap:wrap;gap:.35rem;margin:0 0 .35rem}
.act{margin:.25rem 0}.act summary{list-style:none}.alerts .act summary{padding:.1rem .6rem;font-size:.9rem}.act form{display:flex;flex-wrap:wrap;gap:.5rem;align-items:end;margin:.5rem 0}.note p,.note ul{margin:.25rem 0}.tag{display:inline-block;border:1px solid var(--faint);border-radius:.3rem;padding:0 .4rem;font-size:.85rem;color:var(--text)}
@media(max-width:48rem){.list thead,.alerts thead{display:none}
.list,.list tbody,.list tr,.list td,.alerts,.alerts tbody,.alerts tr,.alerts td{display:block}
.list tr,.alerts tr{padding:.5rem 0}.list td,.alerts td{padding:0}.list td:empty,.alerts td:empty{display:none}
.list td[data-label]::before,.alerts td[data-label]::before{content:attr(data-label) ": ";color:var(--faint)}
.state th{width:8rem}.account{margin-left:0}}
`;

/** Changes with the style, so that browsers may keep it. */
export const STYLE_VERSION = versionOfText(STYLE);

/** A short version of a text. */
export function versionOfText(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
