/** Calls of the service. */
import { byId } from './dom.js';

async function answer(path, options) {
  const response = await fetch(path, options);
  const body = await response.json();
  if (!response.ok && body.detail) {
    throw new Error(body.detail);
  }
  return body;
}

export const get = (path, parameters = {}) => {
  const query = new URLSearchParams(Object.entries(parameters)
    .filter(([, value]) => value !== null && value !== undefined)
    .flatMap(([name, value]) => [value].flat().map((one) => [name, one])));
  return answer(query.size === 0 ? path : `${path}?${query}`);
};

export function post(path, body) {
  const token = byId('token').value;
  return answer(path, {
    method: 'POST',
    headers: token ? { Authorization: `Bearer ${token}` } : {},
    body: body === undefined ? undefined : JSON.stringify(body),
  });
}
