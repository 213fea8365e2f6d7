#include "platform/http/drain.hpp"

#include <array>

#include <linux/filter.h>
#include <sys/socket.h>

namespace sentinel::http {

bool stop_new_handshakes(int listening_socket) noexcept {
    // Offset 13 of a TCP header holds its flags; SYN without ACK asks for a new connection.
    std::array<sock_filter, 5> program{{
        {BPF_LD | BPF_B | BPF_ABS, 0, 0, 13},
        {BPF_ALU | BPF_AND | BPF_K, 0, 0, 0x12},
        {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0x02},
        {BPF_RET | BPF_K, 0, 0, 0},
        {BPF_RET | BPF_K, 0, 0, 0xFFFFFFFF},
    }};
    const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
    return setsockopt(listening_socket, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) == 0;
}

}  // namespace sentinel::http
