using System;
using System.Text.Json;

using Agglestone.Errors;
using Agglestone.Native;

namespace Agglestone.Json;

/// <summary>Reads the body of a reply where it lies, without a copy.</summary>
internal static class ReplyBody
{
    // The library has refused deeper ones already; the reader's own limit of 64 would refuse what it accepts.
    private static readonly JsonReaderOptions Options = new() { MaxDepth = AgglestoneJson.MaxDepth };
    private static readonly UserPageConverter Page = new();

    internal static User ReadUser(Reply reply)
    {
        try
        {
            var reader = new Utf8JsonReader(reply.Body, Options);
            reader.Read();
            return UserConverter.Read(ref reader, new AgglestoneResponseInfo(reply));
        }
        catch (Exception problem) when (IsAboutContent(problem))
        {
            throw Unexpected("GET users/{id}: ", "a user", new AgglestoneResponseInfo(reply), problem);
        }
    }

    internal static Page<User> ReadPage(Reply reply)
    {
        try
        {
            var reader = new Utf8JsonReader(reply.Body, Options);
            reader.Read();
            return Page.Read(ref reader, AgglestoneJson.UserPage.Options, reply.NextPage, new AgglestoneResponseInfo(reply));
        }
        catch (Exception problem) when (IsAboutContent(problem))
        {
            throw Unexpected("GET users: ", "a page of users", new AgglestoneResponseInfo(reply), problem);
        }
    }

    /// <summary>Whether this is what System.Text.Json throws about what it reads, such as text with half a surrogate pair.</summary>
    internal static bool IsAboutContent(Exception problem) => problem is JsonException or InvalidOperationException or NotSupportedException;

    /// <summary>The error for an answer of another shape than promised.</summary>
    internal static AgglestoneResponseException Unexpected(string call, string promised, AgglestoneResponseInfo answer, Exception problem) =>
        new(
            new ErrorDetails
            {
                Code = AgglestoneErrorCode.InvalidResponse,
                Message = $"{call}the service returned {(int)answer.StatusCode} with a body that is not {promised}: {problem.Message}",
                HttpStatus = (int)answer.StatusCode,
                RequestId = answer.RequestId,
                Attempts = answer.Attempts,
            },
            problem);
}
