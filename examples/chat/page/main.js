// The entry of the page: one state, the actions on it, and a drawing of it after each change.
import { html, render } from './html.js'
import { createActions } from './model/actions.js'
import { Store } from './model/store.js'
import { followWidth } from './model/width.js'
import { App } from './view/app.js'
import { titleOf } from './view/title.js'

const root = /** @type {HTMLElement} */ (document.getElementById('app'))
const store = new Store()
const act = createActions(store)

const draw = () => {
  document.title = titleOf(store.state)
  render(html`<${App} state=${store.state} act=${act} />`, root)
}

store.onChange(draw)
followWidth(store)
root.textContent = ''
draw()
act.begin()
