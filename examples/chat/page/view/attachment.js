// A file of a message: being checked, refused with the reasons, or available as an image or for download.
import { Component, html } from '../html.js'
import { addressOf, isImage } from '../model/files.js'

/** @typedef {{ state: import('../model/store.js').State, attachmentId: string }} Props */

/** @extends {Component<Props, { address: string | null }>} */
export class AttachmentView extends Component {
  state = { address: /** @type {string | null} */ (null) }

  componentDidMount() {
    this.load()
  }

  componentDidUpdate() {
    this.load()
  }

  load() {
    const attachment = this.props.state.attachments.get(this.props.attachmentId)
    if (attachment?.verdict !== 'allowed' || this.state.address !== null) return
    void addressOf(attachment).then((address) => {
      if (address !== null && this.state.address === null) this.setState({ address })
    })
  }

  render(/** @type {Props} */ { state, attachmentId }) {
    const attachment = state.attachments.get(attachmentId)
    if (attachment === undefined) return html`<p class="file pending">A file that cannot be shown just now</p>`
    const { fileName, mediaType, verdict, reasons, bytes } = attachment
    if (verdict === 'refused')
      return html`<div class="file refused"><b><bdi>${fileName}</bdi></b> was refused.
        <ul>${reasons.map((reason) => html`<li>${reason}</li>`)}</ul></div>`
    const { address } = this.state
    if (verdict === 'pending' || address === null)
      return html`<p class="file pending"><b><bdi>${fileName}</bdi></b> ${verdict === 'pending' ? 'is being checked…' : 'is being read…'}</p>`
    if (isImage(mediaType)) return html`<img class="file-image" src=${address} alt=${fileName} />`
    return html`<p class="file"><a href=${address} download=${fileName}><bdi>${fileName}</bdi></a> ${sizeOf(bytes)}</p>`
  }
}

/** @param {number} bytes */
const sizeOf = (bytes) => (bytes < 1024 ? `${bytes} bytes` : `${Math.round(bytes / 1024)} KB`)
