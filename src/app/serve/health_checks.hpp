#pragma once
/// Asks every five seconds how the node's parts are.

#include <vector>

#include <boost/asio/awaitable.hpp>

#include "app/serve/node.hpp"
#include "platform/writes/audit_queue.hpp"
#include "platform/writes/wake.hpp"

namespace sentinel::app {

class Services;

/// On one worker, with the audit queues of all.
class HealthChecks {
public:
    HealthChecks(Node& node, Services& services, std::vector<const writes::AuditQueue*> audit_queues);
    boost::asio::awaitable<void> run();
    boost::asio::awaitable<void> check_all();
    void stop();

private:
    boost::asio::awaitable<void> check_database();
    void check_access();
    void check_audit();

    Node& node_;
    Services& services_;
    std::vector<const writes::AuditQueue*> audit_queues_;
    writes::Wake wake_;
    bool stopping_ = false;
};

}  // namespace sentinel::app
