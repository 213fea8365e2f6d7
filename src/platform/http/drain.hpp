#pragma once
/// The end of accepting without losing a connection.

namespace sentinel::http {

/// From now on the kernel answers no new connection request on this listening socket; handshakes under way are completed and can
/// be accepted. A close without this resets connections that complete between the last accept and the close. False where the
/// kernel does not offer it.
bool stop_new_handshakes(int listening_socket) noexcept;

}  // namespace sentinel::http
