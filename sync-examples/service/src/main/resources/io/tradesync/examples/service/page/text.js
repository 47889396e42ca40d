/** Figures and times in words. */
import { el } from './dom.js';

export const number = (value) => value.toLocaleString('en');

/** "1 trade", "3 trades". */
export const counted = (value, one, many = `${one}s`) => `${number(value)} ${value === 1 ? one : many}`;

/** The two largest units of a number of seconds: "8 h 12 min". */
export function duration(seconds) {
  const words = [];
  let rest = Math.max(0, Math.round(seconds));
  for (const [size, unit] of [[86400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']]) {
    if (rest >= size && words.length < 2) {
      words.push(`${Math.floor(rest / size)} ${unit}`);
      rest %= size;
    }
  }
  return words.join(' ') || '0 s';
}

const date = (value) => new Date(typeof value === 'number' ? value * 1000 : value);

/** A time in UTC. */
export const utc = (value) => `${date(value).toISOString().replace('T', ' ').replace(/(\.\d+)?Z$/, '')} UTC`;

/** A time in the reader's zone. Its title is the same in UTC. */
export function time(value) {
  const at = date(value);
  return el('time', { datetime: at.toISOString(), title: utc(at) }, at.toLocaleString());
}

/** How long ago a time was, kept up to date by updateAges. Its title is the time in both zones. */
export function ago(value) {
  const at = date(value);
  return el('time', { class: 'ago', datetime: at.toISOString(), title: `${at.toLocaleString()} (${utc(at)})` }, age(at));
}

const age = (at) => `${duration((Date.now() - at) / 1000)} ago`;

/** Lets all that is shown as so long ago grow older. */
export function updateAges() {
  for (const element of document.querySelectorAll('time.ago')) {
    element.textContent = age(new Date(element.dateTime));
  }
}

/** "missing 12, changed 3". */
export function kinds(gaps) {
  const named = ['missing', 'error', 'changed', 'orphaned'].filter((kind) => gaps[kind] > 0);
  return named.map((kind) => `${kind} ${number(gaps[kind])}`).join(', ');
}
