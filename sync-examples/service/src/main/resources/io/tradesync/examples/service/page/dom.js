/** Elements of the page. */

export const byId = (id) => document.getElementById(id);

/** Creates an element: `el('p', { class: 'quiet' }, 'text', other)`. */
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === 'onclick') {
      element.addEventListener('click', value);
    } else if (value !== undefined && value !== null && value !== false) {
      element.setAttribute(key, value === true ? '' : value);
    }
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** A button; `what` completes its name for those who do not see what stands beside it. */
export function button(text, what, onclick, className) {
  return el('button', { type: 'button', class: className, 'aria-label': what ? `${text} ${what}` : null, onclick }, text);
}

/** A row; the cells named in `long` may break between words. */
export function row(cells, long = [], numbers = []) {
  return el('tr', {}, ...cells.map((cell, index) => el('td', {
    class: [long.includes(index) ? 'long' : '', numbers.includes(index) ? 'number' : ''].join(' ').trim() || null,
  }, cell ?? '')));
}

/** Fills a table, or says that there is nothing. Keeps the focus if its element is there again. */
export function fill(id, rows) {
  const focused = document.activeElement?.closest(`#${id}`)
    ? document.activeElement.getAttribute('aria-label') : null;
  // On a narrow screen each cell says by itself what it is.
  const names = [...byId(id).closest('table').querySelectorAll('thead th')].map((heading) => heading.textContent);
  for (const cells of rows.map((one) => one.querySelectorAll('td'))) {
    cells.forEach((cell, index) => { cell.dataset.name = names[index] ?? ''; });
  }
  byId(id).replaceChildren(...rows);
  byId(id).closest('.scroll').hidden = rows.length === 0;
  byId(`no-${id}`).hidden = rows.length > 0;
  if (focused) {
    byId(id).querySelector(`[aria-label="${CSS.escape(focused)}"]`)?.focus();
  }
}

/** Says something that a screen reader reads out. */
export function notice(text, isBad = false) {
  byId('notice').textContent = text;
  byId('notice').className = isBad ? 'bad' : '';
}
