/** Says what will happen, and does it only if the reader agrees. */
import { byId } from './dom.js';

/**
 * @param text what will happen: a text, or a promise of one
 * @param action what is done if the reader agrees; gets the reason
 * @param needsReason whether the reader must give a reason
 */
export async function ask(text, action, needsReason = false) {
  const dialog = byId('dialog');
  const yes = byId('dialog-yes');
  byId('reason').value = '';
  byId('reason').required = needsReason;
  byId('reason').parentElement.hidden = !needsReason;
  byId('dialog-text').textContent = 'Counting what this will do …';
  yes.disabled = true;
  dialog.returnValue = 'no';
  dialog.showModal();
  const closed = new Promise((resolve) => { dialog.addEventListener('close', resolve, { once: true }); });
  try {
    byId('dialog-text').textContent = await text;
    yes.disabled = false;
  } catch (error) {
    byId('dialog-text').textContent = `What this will do cannot be told: ${error.message}`;
  }
  await closed;
  if (dialog.returnValue === 'yes') {
    await action(byId('reason').value);
  }
}
